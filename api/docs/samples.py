"""Plausible values for every member that the reference describes."""

from collections.abc import Callable, Mapping
from typing import Any

Json = Any
DEPTH_MAX = 3
BY_NAME: Mapping[str, Json] = {
    "handle": "gold",
    "customer": "ada",
    "customer_handle": "ada",
    "subscription": "ada-gold",
    "plan": "gold",
    "invoice": "inv-1042",
    "name": "Gold",
    "amount": 1990,
    "currency": "EUR",
    "country": "DE",
    "timezone": "Europe/Berlin",
    "locale": "de_DE",
    "language": "de",
    "email": "ada@example.com",
    "first_name": "Ada",
    "last_name": "Lovelace",
    "company": "Analytical Engines GmbH",
    "address": "Unter den Linden 1",
    "postal_code": "10117",
    "city": "Berlin",
    "phone": "+49 30 123456",
    "vat": 0.19,
    "default_vat": 0.19,
    "source": "ct_test_4111111111111111_1239_123_ada",
    "signup_method": "source",
    "schedule_type": "month_startdate",
    "interval_length": 1,
    "quantity": 1,
    "size": 20,
    "count": 1,
    "url": "https://shop.example/kontor",
    "urls": ["https://shop.example/kontor"],
    "masked_card": "411111XXXXXX1111",
    "exp_date": "12-39",
    "metadata": {"shop_id": "7"},
    "event_type": "invoice_settled",
    "code": 9,
    "http_status": 404,
    "http_reason": "Not Found",
    "error": "Customer not found",
}
TEXTS: Mapping[str, str] = {
    "vat": "DE136695976",
    "website": "https://analytical.example",
    "organisation": "analytical",
    "subscription_invoice_prefix": "AE",
    "ordertext": "Gold",
    "principal": "api key priv_test_…a1b2",
    "next_page_token": "eyJhZnRlciI6…",
    "secret": "webhook_5f1c…",
    "reference": "order-77",
    "fingerprint": "3f0c9a71",
    "card_country": "DE",
    "interval": "P1M",
}
"""Where a name stands for a number here and for a text there."""
BY_MODEL: Mapping[str, Mapping[str, Json]] = {
    "Account": {"handle": "main", "name": "Analytical Engines GmbH"},
    "UpdateAccount": {"handle": "main", "name": "Analytical Engines GmbH"},
    "Customer": {"handle": "ada"},
    "CreateCustomer": {"handle": "ada"},
    "Subscription": {"handle": "ada-gold"},
    "CreateSubscription": {"handle": "ada-gold"},
    "Invoice": {"handle": "inv-1042", "number": 1042},
    "OrderLine": {"origin_handle": "gold"},
}
IDS = "0123456789abcdef0123456789abcdef"
BY_FORMAT: Mapping[str, Json] = {
    "date-time": "2027-02-01T08:00:00.000+00:00",
    "date": "2027-02-01",
}


def sample(schema: Json, schemas: Mapping[str, Json], *, name: str = "", depth: int = 0) -> Json:
    """A value that keeps to `schema`; from a certain depth on only what must be there."""
    if "$ref" in schema:
        model = schema["$ref"].rpartition("/")[2]
        return _object(schemas[model], schemas, depth, BY_MODEL.get(model, {}))
    if schema.get("type") == "object":
        return _object(schema, schemas, depth, {}) or _fitting(name, schema, dict, {})
    if schema.get("type") == "array":
        inner = [sample(schema["items"], schemas, name=name, depth=depth + 1)]
        return _fitting(name, schema, list, inner if depth < DEPTH_MAX else [])
    return _plain(name, schema)


def _object(schema: Json, schemas: Mapping[str, Json], depth: int, own: Mapping[str, Json]) -> Json:
    must = schema.get("required", ())
    return {
        name: own.get(name) or sample(each, schemas, name=name, depth=depth + 1)
        for name, each in schema.get("properties", {}).items()
        if name in must or _belongs(each, depth)
    }


def _belongs(schema: Json, depth: int) -> bool:
    """What may be left out is shown at the top, and there only what is no object itself."""
    is_plain = schema.get("type") not in {"object", "array"} and "$ref" not in schema
    return depth == 0 and is_plain


def _plain(name: str, schema: Json) -> Json:
    if "enum" in schema:
        return BY_NAME[name] if BY_NAME.get(name) in schema["enum"] else schema["enum"][0]
    if "examples" in schema:
        return schema["examples"][0]
    make = MAKERS.get(schema.get("type", ""))
    return make(name, schema) if make else {}


def _whole(name: str, schema: Json) -> Json:
    return _fitting(name, schema, int, schema.get("minimum") or 1)


def _share(name: str, schema: Json) -> Json:
    return _fitting(name, schema, float, 0.19)


def _true(_name: str, _schema: Json) -> Json:
    return True


def _text(name: str, schema: Json) -> Json:
    if schema.get("format") in BY_FORMAT:
        return BY_FORMAT[schema["format"]]
    if "{32}" in schema.get("pattern", ""):
        return IDS
    words = name.replace("_", "-" if "pattern" in schema else " ")
    otherwise = IDS if name.endswith("id") else TEXTS.get(name, words)
    found = _fitting(name, schema, str, otherwise)
    fits = len(found) <= schema.get("maxLength", 255)
    return (found if fits else found[: schema["maxLength"]]) or "text"


def _fitting(name: str, schema: Json, kind: type, otherwise: Json) -> Json:
    found = BY_NAME.get(name)
    if type(found) is not kind:
        return otherwise
    if kind is int and not schema.get("minimum", found) <= found <= schema.get("maximum", found):
        return otherwise
    return found


MAKERS: Mapping[str, Callable[[str, Json], Json]] = {
    "integer": _whole,
    "number": _share,
    "boolean": _true,
    "string": _text,
}
