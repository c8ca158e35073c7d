"""Keep a person's habits: her language, light or dark, and which columns she looks at."""

from collections.abc import Sequence

from accounts.domain.details import LANGUAGES
from accounts.models import User
from kernel.errors import Invalid

THEMES = ("system", "light", "dark")
LISTS_MAX = 100
COLUMNS_MAX = 60


def prefer(
    *,
    user: User,
    language: str | None = None,
    theme: str | None = None,
    columns: tuple[str, Sequence[str]] | None = None,
) -> None:
    """Only what is given changes; `columns` are a list's name and its columns in order, none of
    them for the usual ones."""
    if language is not None:
        _one_of(language, LANGUAGES, field="language")
        user.language = language
    if theme is not None:
        _one_of(theme, THEMES, field="theme")
        user.preferences["theme"] = theme
    if columns is not None:
        _keep_columns(user, *columns)
    user.save(update_fields=["language", "preferences"])


def _keep_columns(user: User, name: str, columns: Sequence[str]) -> None:
    kept = user.preferences.setdefault("columns", {})
    kept.pop(name, None)
    if columns and len(kept) < LISTS_MAX:
        kept[name] = list(columns)[:COLUMNS_MAX]


def _one_of(value: str, allowed: Sequence[str], *, field: str) -> None:
    if value not in allowed:
        raise Invalid(
            "unknown_preference",
            "{value} cannot be chosen here.",
            field=field,
            value=value,
        )
