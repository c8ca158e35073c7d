"""Fields of a form: label, value, help, and the error beside the field it belongs to."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from dashboard.chips import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class FormField:
    """One field. `size` is empty, `half`, `third` or `two-thirds`; `more` are HTML attributes."""

    name: str
    label: Words
    value: str = ""
    help: Words = ""
    size: str = ""
    choices: Sequence[tuple[str, Words]] = ()
    rows: int = 0
    suffix: str = ""
    more: Mapping[str, object] = field(default_factory=dict)
    error: str = ""

    @property
    def shown(self) -> dict[str, object]:
        """The attributes of its control, those for the error and the help among them."""
        about = [f"e-{self.name}"] if self.error else []
        about += [f"h-{self.name}"] if self.help else []
        return {
            **self.more,
            "aria-invalid": "true" if self.error else None,
            "aria-describedby": " ".join(about) or None,
        }


@dataclass(frozen=True, slots=True)
class Section:
    """Fields that belong together, with what is to be said of them."""

    title: Words
    about: Words
    fields: tuple[FormField, ...]
    name: str = ""


def with_error(sections: Iterable[Section], name: str | None, text: str) -> list[Section]:
    """The same form with the error beside the field of that name."""
    return [
        replace(
            each,
            fields=tuple(
                replace(one, error=text) if one.name == name else one for one in each.fields
            ),
        )
        for each in sections
    ]
