"""Where webhooks go, and how their receivers know them."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.utils.translation import gettext as _

from accounts.domain.rights import Right
from dashboard.doors import AccountView
from dashboard.forms import FormField, Section, with_error
from dashboard.sessions import say
from kernel.clock import wall_now
from kernel.errors import Invalid, KontorError
from webhooks import queries
from webhooks.commands.change_settings import change_settings, new_secret
from webhooks.domain.event_types import EVENT_TYPES
from webhooks.domain.settings import NewSettings
from webhooks.queries import SettingsFact


class WebhookSettings(AccountView):
    here = "webhooks"
    right = Right.DEVELOP
    write_right = Right.DEVELOP

    def get(self, _request: HttpRequest) -> HttpResponse:
        return self._form(_values(queries.settings_of(self.account)))

    def post(self, request: HttpRequest) -> HttpResponseBase:
        now = wall_now()
        if "new_secret" in request.POST:
            new_secret(account=self.account, actor=self.actor, now=now)
            say(request, _("The secret is new; what is still open is signed anew."), tone="good")
            return self.to("webhook_settings")
        new = _read(request.POST, queries.settings_of(self.account))
        change_settings(account=self.account, new=new, actor=self.actor, now=now)
        say(request, _("Saved."), tone="good")
        return self.to("webhook_settings")

    def refused(
        self, request: HttpRequest, refusal: KontorError, *_args: Any, **_kwargs: Any
    ) -> HttpResponseBase:
        """The form again with what was typed, and the reason at its field."""
        return self._form(_typed(request.POST), refusal)

    def _form(self, values: dict[str, Any], refusal: KontorError | None = None) -> HttpResponse:
        sections = _sections(values)
        if isinstance(refusal, Invalid):
            sections = with_error(sections, refusal.field, str(refusal))
        context = {
            "sections": sections,
            "trouble": refusal,
            "secret": queries.settings_of(self.account).secret,
            "is_disabled": values["is_disabled"],
            "event_types": [(each, each in values["event_types"]) for each in EVENT_TYPES],
        }
        status = 422 if refusal else 200
        return self.render("dashboard/webhook_settings.html", context, status=status)


def _values(kept: SettingsFact) -> dict[str, Any]:
    return {
        "urls": "\n".join(kept.urls),
        "username": kept.username,
        "alert_emails": "\n".join(kept.alert_emails),
        "alert_count": str(kept.alert_count),
        "is_disabled": kept.is_disabled,
        "event_types": kept.event_types,
    }


def _typed(typed: QueryDict) -> dict[str, Any]:
    names = ("urls", "username", "alert_emails", "alert_count")
    values: dict[str, Any] = {name: typed.get(name, "") for name in names}
    return values | {
        "is_disabled": "is_disabled" in typed,
        "event_types": typed.getlist("event_types"),
    }


def _read(typed: QueryDict, kept: SettingsFact) -> NewSettings:
    """An empty password keeps the one there is, as it is never shown."""
    count, username = typed.get("alert_count", ""), typed.get("username", "")
    same = kept.password if username == kept.username else ""
    return NewSettings(
        urls=_words(typed.get("urls", "")),
        is_disabled="is_disabled" in typed,
        username=username,
        password=typed.get("password", "") or same,
        alert_emails=_words(typed.get("alert_emails", "")),
        alert_count=int(count) if count.isascii() and count.isdigit() and len(count) < 4 else 0,
        event_types=tuple(typed.getlist("event_types")),
    )


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _sections(values: dict[str, Any]) -> Iterable[Section]:
    return [_addresses(values), _access(values), _alarm(values)]


def _addresses(values: dict[str, Any]) -> Section:
    return Section(
        _("Addresses"),
        _("Every event is sent to each of them, one after the other for each customer."),
        (
            FormField(
                name="urls",
                label=_("Addresses, one a line"),
                value=values["urls"],
                rows=3,
                help=_("On the ports 80 or 443; redirects are not followed."),
            ),
        ),
    )


def _access(values: dict[str, Any]) -> Section:
    return Section(
        _("Access"),
        _("A user name and a password, if your server asks for them."),
        (
            FormField(
                name="username",
                label=_("User name"),
                value=values["username"],
                size="half",
                more={"autocomplete": "off"},
            ),
            FormField(
                name="password",
                label=_("Password"),
                size="half",
                help=_("Empty keeps the one there is."),
                more={"type": "password", "autocomplete": "new-password"},
            ),
        ),
    )


def _alarm(values: dict[str, Any]) -> Section:
    return Section(
        _("Alarm"),
        _("Who is told when an address keeps failing."),
        (
            FormField(
                name="alert_emails",
                label=_("E-mail addresses, one a line"),
                value=values["alert_emails"],
                rows=2,
            ),
            FormField(
                name="alert_count",
                label=_("After how many failures"),
                value=values["alert_count"],
                size="third",
                more={"inputmode": "numeric"},
            ),
        ),
    )
