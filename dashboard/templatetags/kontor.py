"""The small words that our templates know: money, dates, chips, icons, links inside an account."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django import template
from django.template.context import Context
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from dashboard import showing
from dashboard.chips import SHAPES
from dashboard.chips import chip as chip_of
from dashboard.icons import ICONS
from kernel.money import Money

register = template.Library()

THEMES = {"light", "dark"}
NOTHING = format_html('<span class="quiet">{}</span>', showing.DASH)


@register.simple_tag
def money(value: Money | int | None, currency: str = "") -> SafeString:
    """An amount with its currency: of a `Money`, or of minor units and a currency."""
    if value is None:
        return NOTHING
    minor, code = (value.minor, value.currency) if isinstance(value, Money) else (value, currency)
    return _figure(showing.money(minor, code), minor)


@register.simple_tag
def amount(value: Money | int | None, currency: str = "") -> SafeString:
    """An amount without its currency, for a column whose head names it."""
    if value is None:
        return NOTHING
    minor, code = (value.minor, value.currency) if isinstance(value, Money) else (value, currency)
    return _figure(showing.amount(minor, code), minor)


def _figure(text: str, minor: int) -> SafeString:
    sort = " zero" if minor == 0 else " negative" if minor < 0 else ""
    return format_html('<span class="money{}">{}</span>', sort, text)


@register.simple_tag
def number(value: int | Decimal | None) -> SafeString:
    if value is None:
        return NOTHING
    quiet = " zero" if value == 0 else ""
    return format_html('<span class="num{}">{}</span>', quiet, showing.number(value))


@register.simple_tag
def percent(value: Decimal | None) -> SafeString:
    if value is None:
        return NOTHING
    return format_html('<span class="num">{}</span>', showing.percent(value))


@register.simple_tag
def day(value: date | None) -> SafeString:
    """A date of the calendar."""
    if value is None:
        return NOTHING
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), showing.day(value))


@register.simple_tag(takes_context=True)
def instant(context: Context, at: datetime | None, zone: str = "") -> SafeString:
    """Its date in the account's zone; all of it on hover."""
    return _time(context, at, zone, showing.day_of)


@register.simple_tag(takes_context=True)
def moment(context: Context, at: datetime | None, zone: str = "") -> SafeString:
    """Its date and minute in the account's zone; all of it on hover."""
    return _time(context, at, zone, showing.moment)


def _time(context: Context, at: datetime | None, zone: str, show: Any) -> SafeString:
    if at is None:
        return NOTHING
    account = context.get("account")
    name = zone or (account.timezone if account is not None else "UTC")
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        at.isoformat(),
        showing.whole_moment(at, name),
        show(at, name),
    )


@register.simple_tag
def period(start: date | None, last: date | None) -> SafeString:
    """From the first to the last day, both included."""
    if start is None or last is None:
        return NOTHING
    return format_html('<span class="num nowrap">{}</span>', showing.period(start, last))


@register.simple_tag
def country(code: str) -> str:
    return showing.country(code)


@register.simple_tag
def month(value: date) -> str:
    return showing.month(value)


@register.simple_tag
def chip(family: str, state: str) -> SafeString:
    """The state's chip: word and shape, and on hover what moves it on."""
    known = chip_of(family, state)
    hint = format_html(' title="{}"', known.hint) if known.hint else ""
    if known.tone == "test":
        return format_html('<span class="chip test"{}>{}</span>', hint, known.label)
    shape = mark_safe(SHAPES[known.shape])  # noqa: S308
    return format_html(
        '<span class="chip {}"{}><svg viewBox="0 0 10 10" aria-hidden="true">{}</svg>{}</span>',
        known.tone,
        hint,
        shape,
        known.label,
    )


@register.simple_tag
def icon(name: str, classes: str = "icon") -> SafeString:
    """A drawing beside a word; it says nothing by itself."""
    drawn = mark_safe(ICONS[name])  # noqa: S308
    return format_html(
        '<svg class="{}" viewBox="0 0 16 16" aria-hidden="true">{}</svg>', classes, drawn
    )


@register.simple_tag(takes_context=True)
def place(context: Context, name: str, *args: object, **asked: object) -> str:
    """The address of a page of this account; named values become its query."""
    frame = context["frame"]
    query = {key: value for key, value in asked.items() if value not in {"", None}}
    path = reverse(f"dashboard:{name}", args=[frame.subdomain, frame.handle, *args])
    return f"{path}?{_encoded(query)}" if query else path


def _encoded(query: Mapping[str, object]) -> str:
    return urlencode(query, doseq=True)


@register.simple_tag(takes_context=True)
def theme(context: Context) -> SafeString:
    """The reader's choice of light or dark as an attribute, if she made one."""
    request = context.get("request")
    chosen = request.COOKIES.get("theme", "") if request is not None else ""
    return format_html(' data-theme="{}"', chosen) if chosen in THEMES else SafeString("")


@register.simple_tag
def attributes(values: Mapping[str, object]) -> SafeString:
    """HTML attributes; those that are False or None are left out, True stands alone."""
    shown = [(key, value) for key, value in values.items() if value not in {False, None}]
    return format_html_join("", "{}", [(_attribute(key, value),) for key, value in shown])


def _attribute(key: str, value: object) -> SafeString:
    return format_html(" {}", key) if value is True else format_html(' {}="{}"', key, value)
