import signal
import subprocess
import sys

from billing_platform.frontdoor.locks import Alone, Share
from billing_platform.frontdoor.paths import CLONE

HOLD = """
import sys, time
from pathlib import Path
from billing_platform.frontdoor.locks import Alone
lock = Alone(Path(sys.argv[1]))
print(lock.take(), flush=True)
time.sleep(60)
"""


def test_only_the_last_to_leave_learns_that_nobody_is_left(home):
    first, second = Share(home.lock("seats")), Share(home.lock("seats"))
    first.take()
    second.take()

    assert [first.leave(), second.leave()] == [False, True]


def test_a_second_holder_is_refused_until_the_first_leaves(home):
    first, second = Alone(home.lock("up")), Alone(home.lock("up"))

    assert [first.take(), second.take()] == [True, False]
    first.leave()
    assert second.take()
    second.leave()


def test_a_holder_that_is_killed_lets_go(home):
    path = home.lock("up")
    argv = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, cwd=CLONE) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == b"True\n"
        assert not Alone(path).take()
        holder.send_signal(signal.SIGKILL)

    assert Alone(path).take()
