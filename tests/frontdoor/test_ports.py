import socket

from billing_platform.frontdoor import ports


def test_a_port_is_kept(home):
    port = ports.kept(home.ports, "postgres")

    assert ports.kept(home.ports, "postgres") == port
    assert ports.LOWEST <= port < ports.HIGHEST


def test_each_server_has_a_port_of_its_own(home):
    chosen = {ports.kept(home.ports, name) for name in ("postgres", "valkey", "acquirer")}

    assert len(chosen) == 3


def test_a_port_that_somebody_else_took_is_replaced_and_the_new_one_kept(home):
    old = ports.kept(home.ports, "postgres")

    new = ports.renew(home.ports, "postgres")

    assert new != old
    assert ports.kept(home.ports, "postgres") == new


def test_a_port_with_a_listener_is_not_free():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        assert not ports.free(listener.getsockname()[1])
