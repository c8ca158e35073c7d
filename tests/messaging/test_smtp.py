"""The SMTP adapter against a server that speaks the real thing."""

import shutil
import ssl
import subprocess

import pytest

from kernel.errors import Invalid
from kernel.ids import new_id
from messaging.domain.fates import Fate
from messaging.transport.port import Letter
from messaging.transport.smtp import Privacy, Server, SmtpTransport, server_of
from tests.messaging.post_office import PostOffice, only_anna, opened

BODY = b"From: a@b.example\r\nSubject: x\r\n\r\n.a line that begins with a point\r\n"


def letter(address="erika@a.example"):
    return Letter(new_id(), "post@kontor.example", address, BODY)


def fates(transport, *letters):
    return [each.fate for each in transport.send(letters)]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for this machine that nobody but the test trusts: its file and its key's."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed: the encrypted lines are not tried")
    folder = tmp_path_factory.mktemp("certificate")
    ask = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost"
    extra = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "key.pem", "-out", "cert.pem"]
    subprocess.run([openssl, *ask.split(), *extra], cwd=folder, check=True, capture_output=True)
    return folder / "cert.pem", folder / "key.pem"


@pytest.fixture
def server_side(certificate):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    return context


@pytest.fixture
def trusting(certificate):
    return ssl.create_default_context(cafile=certificate[0])


@pytest.fixture
def serve():
    """Starts an office with the controller's arguments; gives it with its port."""
    running = []

    def start(**rest):
        office = PostOffice()
        controller = opened(office, **rest)
        controller.start()
        running.append(controller)
        return office, controller.port

    yield start
    for each in running:
        each.stop()


def test_the_bytes_arrive_as_they_are(serve):
    office, port = serve()

    assert fates(SmtpTransport(Server("127.0.0.1", port, Privacy.NONE)), letter()) == [Fate.SENT]

    assert office.letters == [("erika@a.example", BODY)]


def test_each_letter_of_a_batch_gets_its_own_answer_over_as_few_lines_as_can_be(serve):
    office, port = serve()
    names = ("erika", "later", "gone", "took", "max", "cut", "eva")

    found = fates(
        SmtpTransport(Server("127.0.0.1", port, Privacy.NONE)),
        *(letter(f"{name}@a.example") for name in names),
    )

    assert found == [
        Fate.SENT,
        Fate.DEFERRED,
        Fate.REFUSED,
        Fate.DOUBTFUL,
        Fate.SENT,
        Fate.DEFERRED,
        Fate.SENT,
    ]
    assert office.sessions == 3


def test_nobody_there_is_said_of_every_letter_after_one_try():
    outcomes = SmtpTransport(Server("127.0.0.1", 1, Privacy.NONE)).send([letter(), letter()])

    assert [each.fate for each in outcomes] == [Fate.UNREACHED] * 2
    assert "refused" in outcomes[0].said


def test_a_server_that_says_nothing_is_left_after_the_time_limit(serve):
    import socket

    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        port = silent.getsockname()[1]

        found = fates(SmtpTransport(Server("127.0.0.1", port, Privacy.NONE), timeout=1), letter())

    assert found == [Fate.UNREACHED]


def test_starttls_and_password(serve, server_side, trusting):
    office, port = serve(
        tls_context=server_side,
        require_starttls=True,
        authenticator=only_anna,
        auth_required=True,
        auth_require_tls=True,
    )
    server = Server("127.0.0.1", port, Privacy.STARTTLS, "anna", "geheim:/@")

    assert fates(SmtpTransport(server, context=trusting), letter()) == [Fate.SENT]
    assert len(office.letters) == 1


def test_a_wrong_password_reaches_nobody(serve, server_side, trusting):
    office, port = serve(tls_context=server_side, authenticator=only_anna, auth_required=True)
    server = Server("127.0.0.1", port, Privacy.STARTTLS, "anna", "wrong")

    (outcome,) = SmtpTransport(server, context=trusting).send([letter()])

    assert outcome.fate is Fate.UNREACHED
    assert "wrong" not in outcome.said
    assert office.letters == []


def test_a_certificate_that_is_not_trusted_gets_nothing(serve, server_side):
    office, port = serve(tls_context=server_side)

    assert fates(SmtpTransport(Server("127.0.0.1", port, Privacy.STARTTLS)), letter()) == [
        Fate.UNREACHED
    ]
    assert office.letters == []


def test_a_server_without_starttls_gets_nothing(serve):
    office, port = serve()

    assert fates(SmtpTransport(Server("127.0.0.1", port, Privacy.STARTTLS)), letter()) == [
        Fate.UNREACHED
    ]
    assert office.letters == []


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example", Server("mail.example", 587, Privacy.STARTTLS)),
        (
            "smtps://anna:geheim%3A%2F%40@mail.example",
            Server("mail.example", 465, Privacy.TLS, "anna", "geheim:/@"),
        ),
        ("smtp+plain://127.0.0.1:2525", Server("127.0.0.1", 2525, Privacy.NONE)),
        ("smtp+plain://a:b@127.0.0.1", Server("127.0.0.1", 25, Privacy.NONE, "a", "b")),
    ],
)
def test_a_server_is_read_from_its_address(url, server):
    assert server_of(url) == server


@pytest.mark.parametrize(
    "url",
    ["mail.example", "http://mail.example", "smtp://", "smtp://a:x", "smtp://a/b", "smtp://a?b=c"],
)
def test_an_address_of_another_form_is_refused(url):
    with pytest.raises(Invalid) as refusal:
        server_of(url)
    assert refusal.value.code == "invalid_mail_server"


def test_a_password_never_goes_over_an_open_line_to_another_machine():
    with pytest.raises(Invalid) as refusal:
        server_of("smtp+plain://anna:geheim@mail.example")
    assert refusal.value.code == "open_line_with_password"


def test_a_server_shows_no_password():
    assert "geheim" not in repr(server_of("smtps://anna:geheim@mail.example"))
