"""No operation tells whether something exists in another account: whatever of it is named, in the
address, the query or the body, the answer is that to a name that nobody has ever given."""

import re
from dataclasses import dataclass
from functools import cache

import pytest
from django.db.models import QuerySet

from api.docs.openapi import document
from api.docs.samples import sample
from foundation.tenancy import TenantManager, tenant
from kernel.ids import new_id
from operations.commands.work_off import work_off
from tests.factories import GOOD_CARD, make_account, make_add_on
from tests.foundation.furnished import tenant_models
from tests.wire_client import Api

PASSING = re.compile(r"(?:ca_)?[0-9a-f]{32}|\d{4}-\d\d-\d\dT[0-9:.]+\+00:00")
"""What no two answers share: ids and moments."""

OF_GROUP = {
    "account": ("key",),
    "add_on": ("add_on",),
    "customer": ("customer",),
    "event": ("event",),
    "invoice": ("invoice", "transaction"),
    "payment_method": ("payment_method",),
    "plan": ("plan",),
    "subscription": ("subscription",),
    "transaction": ("transaction",),
    "webhook": ("webhook", "event"),
}
"""What the addresses of a group can name."""
BY_MEMBER = {
    "customer": ("customer",),
    "customer_handle": ("customer",),
    "handle": ("add_on", "customer", "plan", "subscription", "invoice"),
    "handles": ("plan",),
    "handle_prefix": ("customer", "plan", "subscription", "invoice"),
    "handle_contains": ("customer", "plan", "subscription", "invoice"),
    "id": ("payment_method",),
    "invoice": ("invoice",),
    "payment_method": ("payment_method",),
    "plan": ("plan",),
    "source": ("payment_method",),
    "subscription": ("subscription",),
    "webhooks": ("webhook", "event"),
}
"""What members of queries and bodies can name."""
NAMES_NOTHING = {
    "POST /v1/customer",
    "POST /v1/plan",
    "PUT /v1/account",
}
"""Their handle is that of what is made or of the account itself."""


@dataclass(frozen=True)
class Name:
    """Something of the other account, and what looks like it but was never given."""

    kind: str
    theirs: str
    nobodys: str


@dataclass(frozen=True)
class Asked:
    """A request with a place in it for a name."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    body: object = None


class Lived(Api):
    """The client of an account in which something happened; `method` is its payment method."""

    method = ""


def lived_in(name):
    """An account with a customer, a plan, a paid subscription, events and webhooks."""
    api = Lived(make_account(clock_at=None))
    hook = {"urls": ["https://shop.example/kontor"], "disabled": False}
    assert api.put("/v1/account/webhook_settings", hook).ok
    assert api.post("/v1/customer", {"handle": f"{name}-customer"}).ok
    rhythm = {"schedule_type": "month_startdate", "interval_length": 1}
    plan = {"handle": f"{name}-plan", "name": "Plan", "amount": 1990, **rhythm}
    assert api.post("/v1/plan", plan).ok
    card = {"customer_handle": f"{name}-customer", "source": GOOD_CARD}
    api.method = api.post("/v1/payment_method", card).ok["id"]
    told = {"signup_method": "source", "source": api.method, "plan": f"{name}-plan"}
    told |= {"handle": f"{name}-subscription", "customer": f"{name}-customer"}
    assert api.post("/v1/subscription", told).ok
    with tenant(api.account_id) as account:
        make_add_on(account, f"{name}-add_on")
    work_off(api.account_id)
    return api


def names_of(theirs, name):
    """Everything that can be named in the account that lives under `name`."""
    (invoice,) = theirs.get("/v1/list/invoice").ok["content"]
    (method,) = theirs.get("/v1/list/payment_method").ok["content"]
    (transaction,) = theirs.get("/v1/list/transaction").ok["content"]
    event = theirs.get("/v1/event").ok["content"][0]
    webhook = theirs.get("/v1/list/webhook").ok["content"][0]
    (key,) = theirs.get("/v1/account/privkey_masked").ok
    return [
        *(
            Name(kind, f"{name}-{kind}", f"{'x' * len(name)}-{kind}")
            for kind in ("add_on", "customer", "plan", "subscription")
        ),
        Name("payment_method", method["id"], f"ca_{new_id().hex}"),
        *(
            Name(kind, found["id"], new_id().hex)
            for kind, found in {
                "invoice": invoice,
                "transaction": transaction,
                "event": event,
                "webhook": webhook,
                "key": key,
            }.items()
        ),
    ]


@pytest.fixture
def two(database, acquirer):
    """The account that asks, and what can be named of the other."""
    mine, theirs = lived_in("mine"), lived_in("their")
    return mine, theirs, names_of(theirs, "their")


@pytest.fixture
def without_wall_1(monkeypatch):
    """No query of the code says whose rows it wants; the policies of the database still do."""

    def everything(self, _account=None):
        return QuerySet(self.model, using=self._db)

    monkeypatch.setattr(TenantManager, "of", everything)
    monkeypatch.setattr(TenantManager, "get_queryset", everything)


@cache
def operations():
    return [
        (method.upper(), path, said)
        for path, methods in document()["paths"].items()
        for method, said in methods.items()
    ]


def asked_with(mine, kind, name):
    """Every request that the reference knows with this name in each place that can hold it."""
    for method, path, said in operations():
        places = re.findall(r"\{(\w+)\}", path)
        if not places:
            yield from asked_without_address(mine, (method, path, said), kind, name)
        elif kind in OF_GROUP[said["tags"][0]]:
            yield from (
                Asked(method, filled(path, each, name), body=body_of(mine, said))
                for each in places
                if each != "version"
            )


def asked_without_address(mine, operation, kind, name):
    method, path, said = operation
    for each in said["parameters"]:
        if kind in BY_MEMBER.get(each["name"], ()):
            yield Asked(method, path, ((each["name"], name), *needed(each, said)))
    body = body_of(mine, said)
    for member in body or ():
        if kind in BY_MEMBER.get(member, ()) and f"{method} {path}" not in NAMES_NOTHING:
            value = [name] if isinstance(body[member], list) else name
            yield Asked(method, path, body=body | {member: value})


def filled(path, place, name):
    """The path with the name in one place, and something that is in order in the others."""
    path = path.replace(f"{{{place}}}", name)
    return re.sub(r"\{(\w+)\}", lambda other: "1" if other[1] == "version" else "0" * 32, path)


def needed(one, said):
    """The other parameters that must be there."""
    for each in said["parameters"]:
        if each["required"] and each is not one:
            yield each["name"], "2026-01-01"


def body_of(mine, said):
    """The body of the reference's sample, with what is there in the account that asks."""
    if "requestBody" not in said:
        return None
    schema = said["requestBody"]["content"]["application/json"]["schema"]
    body = sample(schema, document()["components"]["schemas"])
    there = {"customer": "mine-customer", "customer_handle": "mine-customer", "plan": "mine-plan"}
    there |= {"source": mine.method} if "signup_method" in body else {}
    return body | {member: value for member, value in there.items() if member in body}


def told(api, asked, name):
    """Status and body of the answer, without what no two answers share and the name itself."""
    answer = api.call(asked.method, asked.path, asked.body, query=asked.query)
    text = answer.body.decode().replace(name, "NAME")
    return answer.status, PASSING.sub("PASSING", text)


def rows_of(owner, account_id):
    """Everything that the database holds of an account."""
    return {
        table: owner.execute(
            f"SELECT count(*), md5(string_agg(t::text, '' ORDER BY t::text)) FROM {table} t"
            " WHERE account_id = %s",
            [account_id],
        ).fetchone()
        for table in tenant_models()
    }


def differences(mine, names):
    found = []
    for name in names:
        theirs = asked_with(mine, name.kind, name.theirs)
        nobodys = asked_with(mine, name.kind, name.nobodys)
        for one, other in zip(theirs, nobodys, strict=True):
            answers = told(mine, one, name.theirs), told(mine, other, name.nobodys)
            if answers[0] != answers[1]:
                found.append((one, *answers))
    return found


def test_every_operation_answers_to_a_name_of_another_account_as_to_nobodys(two, owner):
    mine, theirs, names = two
    before = rows_of(owner, theirs.account_id)

    assert differences(mine, names) == []
    assert rows_of(owner, theirs.account_id) == before


def test_so_it_does_when_no_query_of_the_code_says_whose_rows_it_wants(two, owner, without_wall_1):
    mine, theirs, names = two
    before = rows_of(owner, theirs.account_id)

    assert differences(mine, names) == []
    assert rows_of(owner, theirs.account_id) == before


def test_the_names_are_known_where_they_belong(two):
    """Else nothing would have been asked above."""
    _, theirs, names = two
    known = {each.kind: each.theirs for each in names}

    assert theirs.get(f"/v1/customer/{known['customer']}").status == 200
    assert theirs.get(f"/v1/plan/{known['plan']}/current").status == 200
    assert theirs.get(f"/v1/subscription/{known['subscription']}").status == 200
    assert theirs.get(f"/v1/payment_method/{known['payment_method']}").status == 200
    assert theirs.get(f"/v1/invoice/{known['invoice']}").status == 200
    path = f"/v1/invoice/{known['invoice']}/transaction/{known['transaction']}"
    assert theirs.get(path).status == 200
    assert theirs.get(f"/v1/event/{known['event']}").status == 200
    assert theirs.get(f"/v1/webhook/{known['webhook']}").status == 200


def test_a_handle_of_another_account_is_free(two):
    mine, _, _ = two

    assert mine.post("/v1/customer", {"handle": "their-customer"}).ok["handle"] == "their-customer"


def test_a_difference_would_be_seen(two):
    """The other account's own client plays the leak."""
    _, theirs, names = two

    seen = {f"{asked.method} {asked.path}" for asked, _, _ in differences(theirs, names)}
    for name in names[:3]:
        assert f"GET /v1/{name.kind}/{name.theirs}" in seen
    assert {"GET /v1/list/invoice", "POST /v1/payment_method", "POST /v1/webhook/resend"} <= seen


def test_every_address_with_a_place_in_it_is_asked():
    """Else a resource that is added would be forgotten here."""
    for _, path, said in operations():
        if "{" in path:
            assert said["tags"][0] in OF_GROUP, path
