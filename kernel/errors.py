"""Expected refusals: one root, a stable code for machines and a whole sentence for people."""

import re
from collections.abc import Iterable, Mapping
from typing import Self, TypeAlias

Plain: TypeAlias = str | int | bool | None

_SLOT = re.compile(r"\{(\w+)\}")
_SHOWN_LENGTH_MAX = 200


class KontorError(Exception):
    """What the program expects to go wrong.

    `code` is snake_case and never changes once published. `sentence` may name values in braces
    ("{handle} is taken"); a brace without such a value stays as it is written.
    `values` holds only text, whole numbers, truth values and None, fit for JSON and for logs.
    """

    code: str
    values: dict[str, Plain]

    def __init__(self, code: str, /, sentence: str | None = None, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values = {name: _plain(value) for name, value in values.items()}
        self.sentence = _sentence(code, sentence, self.values)

    def __str__(self) -> str:
        return self.sentence

    def __reduce__(self) -> tuple[object, ...]:
        """Survive the way between processes although every subclass is built differently."""
        return _revive, (type(self), dict(self.__dict__))

    @classmethod
    def _bare(cls) -> Self:
        return cls.__new__(cls)


class Refused(KontorError):
    """The domain says no: a state, a rule or a limit stands against it."""


class Invalid(KontorError):
    """The value itself cannot be right, whatever the state of the world."""

    @property
    def field(self) -> str | None:
        """The name of the offending input, where one is to blame."""
        name = self.values.get("field")
        return name if isinstance(name, str) else None


class NotFound(KontorError):
    """Nothing of that kind for this asker: absent and foreign look exactly alike."""

    def __init__(self, kind: str, key: object) -> None:
        kind_code = re.sub(r"\W+", "_", kind.strip().lower())
        sentence = f'There is no {kind.replace("_", " ")} "{{key}}".'
        super().__init__(f"{kind_code}_not_found", sentence, kind=kind, key=key)


class Conflict(KontorError):
    """Somebody else was here first: a concurrent write, or a key used for something else."""


class Upstream(KontorError):
    """A provider outside this program failed or gave an answer that makes no sense."""


class TransitionRefused(Refused):
    """A lifecycle has no such step from where the thing stands."""

    def __init__(self, state: str, act: str, allowed: Iterable[str] = ()) -> None:
        acts = ", ".join(str(each) for each in allowed)
        way_out = f"Possible now: {acts}." if acts else "Nothing more can be done with it."
        super().__init__(
            "transition_refused",
            f'"{{act}}" is not possible in the state "{{state}}". {way_out}',
            state=state,
            act=act,
        )


def _plain(value: object) -> Plain:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, (list, tuple, set, frozenset)):
        return ", ".join(str(each) for each in value)
    return str(value)


def _sentence(code: str, template: str | None, values: Mapping[str, Plain]) -> str:
    if template is None:
        words = code.replace("_", " ").strip()
        told = ", ".join(f"{name}: {_shown(value)}" for name, value in values.items())
        return f"{words[:1].upper()}{words[1:]} ({told})." if told else f"{words.capitalize()}."
    return _SLOT.sub(
        lambda slot: _shown(values[slot[1]]) if slot[1] in values else slot[0], template
    )


def _shown(value: Plain) -> str:
    text = str(value)
    return text if len(text) <= _SHOWN_LENGTH_MAX else f"{text[:_SHOWN_LENGTH_MAX]}…"


def _revive(cls: type[KontorError], state: dict[str, object]) -> KontorError:
    error = cls._bare()
    error.__dict__.update(state)
    return error
