"""The account itself, its keys and its settings."""

from dataclasses import dataclass, fields
from datetime import datetime
from uuid import UUID

from django.urls import path

from accounts import queries
from accounts.commands.api_keys import create_key, expire_key
from accounts.commands.change_details import (
    TERMS_OF_SERVICE_MAX,
    change_party,
    change_terms,
    change_terms_of_service,
)
from accounts.domain.details import LIMITS, Party, Terms
from accounts.models import Account
from accounts.queries import Profile
from api.v1.base import View
from api.v1.codes import INVALID_REQUEST
from api.v1.errors import Problem
from foundation.wire.kinds import Choice, Instant, ListOf, Rate, Text, handle
from foundation.wire.shapes import Field, Given, Shape, optional
from foundation.wire.views import Call, operation

ADDRESS = (
    ("address", "address"),
    ("address2", "address2"),
    ("city", "city"),
    ("email", "email"),
    ("phone", "phone"),
    ("vat", "vat_id"),
    ("website", "website"),
    ("postal_code", "postal_code"),
)
"""Wire name and our name of what may be empty."""


def _address(name: str, ours: str) -> Field:
    return optional(name, Text(), lambda it: getattr(it.party, ours) or None)


LOCALES = {"de": "de_DE", "en": "en_GB"}

ACCOUNT = Shape(
    "Account",
    Field("handle", Text(), "account.handle", doc="Unique within the organisation."),
    Field("currency", Text(max=3), "account.currency", doc="ISO 4217."),
    Field("name", Text(), "party.name"),
    Field("locale", Text(max=10), lambda it: LOCALES[it.account.language], doc="As in de_DE."),
    Field("timezone", Text(max=64), "account.timezone", doc="A name of the tz database."),
    Field("country", Text(max=2), "party.country", doc="ISO 3166-1, two letters."),
    Field("id", Text(max=32), lambda it: it.account.id.hex),
    Field("organisation", Text(), "organisation", doc="The organisation's subdomain."),
    Field("created", Instant(), "account.created_at"),
    Field("state", Choice("test", "live", "closed"), "account.state"),
    Field("default_vat", Rate(), "account.default_vat", doc="0.19 is 19 %."),
    *(_address(*each) for each in ADDRESS),
    optional("subscription_invoice_prefix", Text(), "account.invoice_prefix"),
)


UPDATE_ACCOUNT = Shape(
    "UpdateAccount",
    Field("handle", handle(), doc="The account's own; it stays as it is."),
    Field("name", Text(min=1)),
    Field("locale", Text(min=2, max=10), doc="Begins with de or en."),
    Field("timezone", Text(min=1, max=64), doc="A name of the tz database."),
    Field("country", Text(min=2, max=2), doc="ISO 3166-1, two letters."),
    Field("default_vat", Rate(), doc="0.19 is 19 %."),
    optional("currency", Text(min=3, max=3), doc="Stays as it is in a live account."),
    *(optional(name, Text(max=LIMITS.get(ours, 255))) for name, ours in ADDRESS),
    optional("subscription_invoice_prefix", Text(min=1, max=20)),
    doc="What is left out of the address is cleared.",
)
KEY = Shape(
    "Key",
    Field("key", Text(), "shown", doc="Whole when it is made, and never again."),
    Field("created", Instant(), "created_at"),
    optional("id", Text(max=32), lambda it: it.id.hex),
    optional("label", Text(), "label"),
)
CREATE_KEY = Shape(
    "CreatePrivateKey",
    optional("label", Text(), doc="What it is for."),
    optional("groups", ListOf(Text(), max=100), doc="There are none: a key may do all."),
)
TERMS = Shape(
    "Terms",
    Field("content", Text(max=TERMS_OF_SERVICE_MAX), "terms_of_service", doc="Plain text."),
    doc="What customers agree to.",
)
INVALID_GROUP = 58


@dataclass(frozen=True, slots=True)
class WireKey:
    """A key as it is shown: whole once, masked ever after."""

    id: UUID
    shown: str
    label: str
    created_at: datetime


class AccountView(View):
    @operation("Get the account", ACCOUNT)
    def get(self, call: Call) -> Profile:
        return queries.profile(call.account)

    @operation("Update the account", ACCOUNT, body=UPDATE_ACCOUNT)
    def put(self, call: Call) -> Profile:
        account, body = call.account, call.body
        if body["handle"] != account.handle:
            raise Problem(INVALID_REQUEST, f"The handle of the account stays {account.handle}.")
        terms, party = _terms(account, body), _party(account, body)
        change_terms(account=account, terms=terms, actor=call.actor, now=call.now)
        change_party(account=account, party=party, actor=call.actor, now=call.now)
        return queries.profile(account)


class TermsOfService(View):
    @operation("Get the terms of service", TERMS)
    def get(self, call: Call) -> Account:
        return call.account

    @operation("Put the terms of service", TERMS, body=TERMS)
    def post(self, call: Call) -> Account:
        words = call.body["content"]
        change_terms_of_service(account=call.account, words=words, actor=call.actor, now=call.now)
        return call.account


class PrivateKeys(View):
    @operation("Create a private key", KEY, body=CREATE_KEY)
    def post(self, call: Call) -> WireKey:
        if call.body.get("groups"):
            raise Problem(INVALID_GROUP, "There are no groups: a key may do all.")
        label = call.body.get("label") or "API"
        made = create_key(account=call.account, name=label, actor=call.actor, now=call.now)
        return WireKey(made.id, made.key, label, call.now)

    @operation("List private keys, masked (old form)", ListOf(KEY))
    def get(self, call: Call) -> list[WireKey]:
        return _masked(call)


class MaskedKeys(View):
    @operation("List private keys, masked", ListOf(KEY))
    def get(self, call: Call) -> list[WireKey]:
        return _masked(call)


class ExpireKey(View):
    @operation("Expire a private key", doc="Named by its id, by itself or by its masked form.")
    def post(self, call: Call, key: str) -> None:
        found = queries.key_called(call.account, key)
        expire_key(account=call.account, key_id=found.id, actor=call.actor, now=call.now)


def _masked(call: Call) -> list[WireKey]:
    found = queries.open_keys(call.account)
    return [WireKey(each.id, each.masked, each.name, each.created_at) for each in found]


def _terms(account: Account, body: Given) -> Terms:
    return Terms(
        currency=body.get("currency") or account.currency,
        language=body["locale"][:2].lower(),
        timezone=body["timezone"],
        default_vat=body["default_vat"],
        invoice_prefix=body.get("subscription_invoice_prefix") or account.invoice_prefix,
        payment_days=account.payment_days,
    )


def _party(account: Account, body: Given) -> Party:
    """What the wire does not know of a party stays as it is."""
    now = queries.party(account)
    kept = {each.name: getattr(now, each.name) for each in fields(Party)}
    given = {ours: body.get(name) or "" for name, ours in ADDRESS}
    return Party(**kept | given | {"name": body["name"], "country": body["country"]})


urls = [
    path("account", AccountView.as_view()),
    path("account/terms", TermsOfService.as_view()),
    path("account/privkey", PrivateKeys.as_view()),
    path("account/privkey_masked", MaskedKeys.as_view()),
    path("account/privkey/<str:key>/expire", ExpireKey.as_view()),
]
