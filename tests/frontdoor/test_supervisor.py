import subprocess

from billing_platform.frontdoor.parts import Part
from billing_platform.frontdoor.paths import Home
from billing_platform.frontdoor.supervisor import LONGEST_PAUSE_SECONDS, Watched, look


class Mortal(Part):
    title = "the part"
    name = "part"

    def __init__(self, home: Home) -> None:
        super().__init__(home)
        self.running = True
        self.spawned = 0

    def alive(self) -> bool:
        return self.running

    def spawn(self) -> None:
        self.spawned += 1

    def launch(self) -> subprocess.Popen[bytes]:
        raise AssertionError

    def ready(self) -> bool:
        return True


def test_a_part_that_lives_is_left_alone(home):
    part = Mortal(home)
    one = Watched(part)
    look(one, 100)

    assert (part.spawned, one.deaths) == (0, 0)


def test_a_part_that_died_is_started_again_after_a_pause(home, capsys):
    part = Mortal(home)
    part.running = False
    one = Watched(part)

    look(one, 100.0)
    look(one, 100.4)
    before = part.spawned
    look(one, 100.5)

    assert (before, part.spawned) == (0, 1)
    assert "the part ended; starting it again in 0.5 s" in capsys.readouterr().err


def test_the_pause_doubles_up_to_its_bound(home):
    part = Mortal(home)
    part.running = False
    one = Watched(part)
    pauses = []
    now = 0.0
    for _ in range(9):
        look(one, now)
        again_at = one.again_at or 0.0
        pauses.append(again_at - now)
        now = again_at
        look(one, now)

    assert pauses == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]
    assert max(pauses) == LONGEST_PAUSE_SECONDS


def test_a_part_that_lived_for_a_minute_is_forgiven(home):
    one = Watched(Mortal(home), deaths=5, began_at=0.0)
    look(one, 61.0)

    assert one.deaths == 0
