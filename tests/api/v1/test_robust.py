"""Whatever is sent, the dialect answers, nothing is changed, and nothing breaks."""

import json
from http import HTTPStatus

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.test import Client

from api.v1.urls import urlpatterns
from billing_platform.chunked import CHUNKED_BODY_BYTES, keep_chunked_bodies
from foundation.wire.bodies import BODY_BYTES_MAX
from tests.wire_client import basic
from tests.witness import nothing_changes

DEEP = b'{"metadata":' + b'{"a":' * 5_000 + b"1" + b"}" * 5_001
UNREADABLE = {
    "not JSON": b"handle=x",
    "cut off": b'{"handle": "x',
    "two values": b'{"handle": "x"} {}',
    "a comment": b'{"handle": "x"} // no',
    "single quotes": b"{'handle': 'x'}",
    "a list": b'[{"handle": "x"}]',
    "text": b'"x"',
    "a number": b"1",
    "null": b"null",
    "not a number": b'{"handle": "x", "metadata": {"a": NaN}}',
    "infinity": b'{"handle": "x", "metadata": {"a": -Infinity}}',
    "a number beyond all": b'{"handle": "x", "metadata": {"a": ' + b"9" * 5_000 + b"}}",
    "a number beyond a double": b'{"handle": "x", "metadata": {"a": 1e999}}',
    "a number of many digits": b'{"handle": "x", "debtor_id": ' + b"9" * 30 + b"}",
    "a broken number": b'{"handle": "x", "debtor_id": 1.0}',
    "a truth for a number": b'{"handle": "x", "debtor_id": true}',
    "text for a number": b'{"handle": "x", "debtor_id": "1"}',
    "a number for text": b'{"handle": "x", "email": 1}',
    "an object for text": b'{"handle": "x", "email": {}}',
    "text for a truth": b'{"handle": "x", "generate_handle": "true"}',
    "null for a handle": b'{"handle": null}',
    "an empty handle": b'{"handle": ""}',
    "a handle with a slash": b'{"handle": "a/b"}',
    "a handle with a new line": b'{"handle": "a\\n"}',
    "a long handle": b'{"handle": "' + b"x" * 256 + b'"}',
    "a NUL": b'{"handle": "x", "company": "a\\u0000b"}',
    "a bare NUL": b'{"handle": "x", "company": "a\x00b"}',
    "a NUL in a name": b'{"handle": "x", "metadata": {"a\\u0000": 1}}',
    "half a character": b'{"handle": "x", "company": "\\ud83d"}',
    "half a character in a name": b'{"handle": "x", "metadata": {"\\udc00": 1}}',
    "latin 1": '{"handle": "x", "company": "Käse"}'.encode("latin-1"),
    "UTF-16": '{"handle": "x"}'.encode("utf-16"),
    "a byte order mark": b'\xef\xbb\xbf{"handle": "x"}',
    "a name twice": b'{"handle": "x", "handle": "y"}',
    "a name twice inside": b'{"handle": "x", "metadata": {"a": 1, "a": 2}}',
    "too deep": DEEP,
    "only brackets": b"[" * 100_000,
    "too long a text": b'{"handle": "x", "company": "' + b"y" * 300 + b'"}',
    "ten megabytes": b'{"handle": "x", "company": "' + b"y" * 10_000_000 + b'"}',
}


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_a_body_that_cannot_be_read_is_refused_and_changes_nothing(api, body):
    with nothing_changes(api.account_id):
        assert api.raw("POST", "/v1/customer", body).refusal == (422, 1)


@pytest.mark.parametrize(
    "content_type",
    [
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/plain",
        "application/xml",
        "application/json; charset=latin-1",
        "nonsense",
    ],
)
def test_only_json_is_read(api, content_type):
    body = b'{"handle": "x"}'

    with nothing_changes(api.account_id):
        answer = api.raw("POST", "/v1/customer", body, content_type=content_type)
    assert answer.refusal == (422, 1)
    assert "Content-Type" in answer.json["message"] or "charset" in answer.json["message"]


@pytest.mark.parametrize("content_type", ["application/json;charset=UTF-8", "text/json", ""])
def test_json_may_be_called_so_in_several_ways(api, content_type):
    answer = api.raw("POST", "/v1/customer", b'{"handle":"x"}', content_type=content_type)

    assert answer.ok["handle"] == "x"


def test_unknown_members_and_words_are_passed_over(api):
    body = {"handle": "x", "colour": {"a": [None]}, "created": 1, "": ""}

    assert api.post("/v1/customer", body, query={"z": "1"}).ok["handle"] == "x"
    assert api.raw("GET", "/v1/customer/x", b"[broken").ok["handle"] == "x"


def test_text_of_all_the_world_comes_back_as_it_went_in(api):
    for text in (
        "Ü\u00a0ß",
        "日本語",
        "🎉",
        "e\u0301",
        "\u202eright",
        "'; DROP TABLE x;--",
        "\\",
        '"',
    ):
        api.post("/v1/customer", {"handle": "x"})
        assert api.put("/v1/customer/x", {"company": text}).ok["company"] == text


@pytest.mark.parametrize(
    "path",
    [
        "/v1",
        "/v1/",
        "/v1/customer/",
        "/v1//customer",
        "/v1/customer/a/b",
        "/v1/customer/%00",
        "/v1/customer/a%0Ab",
        "/v1/customer/%FF",
        "/v1/customer/" + "x" * 256,
        "/v1/plan/x/99999999999999999999",
        "/v1/%F0%9F%8E%89",
        "/v1/../login",
    ],
)
def test_an_address_that_is_none_is_not_found(api, path):
    assert api.get(path).refusal == (404, 8)


@pytest.mark.parametrize("method", ["PATCH", "OPTIONS", "TRACE", "BREW", "DELETE"])
def test_a_method_that_is_none_is_refused_with_those_there_are(api, method):
    answer = api.call(method, "/v1/customer")

    assert answer.refusal == (405, 1)
    assert answer.headers["Allow"] == "GET, HEAD, POST"


def test_the_head_of_an_answer_can_be_asked_for(api):
    answer = Client(SERVER_NAME="localhost").head(
        "/v1/account", headers={"Authorization": basic(api.key)}
    )

    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize("length", ["x", "-1", "1e3", "9" * 30])
def test_a_length_that_is_no_number_is_refused(api, length):
    answer = Client(SERVER_NAME="localhost").post(
        "/v1/customer",
        b"{}",
        content_type="application/json",
        headers={"Authorization": basic(api.key)},
        CONTENT_LENGTH=length,
    )

    assert answer.status_code == 422


def serve(key, body):
    """The whole application as a server calls it, with a body in chunks of no stated length."""
    from io import BytesIO

    said: dict[str, object] = {}
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/v1/customer",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(body),
        "wsgi.errors": BytesIO(),
        "CONTENT_TYPE": "application/json",
        "HTTP_TRANSFER_ENCODING": "chunked",
        "HTTP_AUTHORIZATION": basic(key),
    }

    def start(status, headers, exc_info=None):
        said["status"], said["headers"] = int(status.split()[0]), dict(headers)

    answer = keep_chunked_bodies(WSGIHandler())(environ, start)
    return said["status"], said["headers"], json.loads(b"".join(answer))


def test_a_body_in_chunks_arrives_whole(api):
    company = "y" * 250
    body = json.dumps({"handle": "chunked", "company": company}).encode()

    status, _, answer = serve(api.key, body)

    assert (status, answer["company"]) == (200, company)


@pytest.mark.parametrize("size", [BODY_BYTES_MAX + 1, CHUNKED_BODY_BYTES + 1, 10_000_000])
def test_a_body_in_chunks_that_is_too_large_has_the_dialects_answer(api, size):
    with nothing_changes(api.account_id):
        status, headers, answer = serve(api.key, b" " * size)

    assert (status, answer["code"], answer["http_status"]) == (422, 1, 422)
    assert headers["Request-Id"] == answer["request_id"]


def test_what_nobody_expected_is_told_without_its_words(api, monkeypatch, caplog):
    def break_down(*_):
        raise ZeroDivisionError("a secret of ours")

    monkeypatch.setattr("accounts.queries.profile", break_down)
    client = Client(SERVER_NAME="localhost", raise_request_exception=False)

    answer = client.get("/v1/account", headers={"Authorization": basic(api.key)})

    said = answer.json()
    assert (answer.status_code, said["code"], said["http_reason"]) == (
        500,
        2,
        HTTPStatus.INTERNAL_SERVER_ERROR.phrase,
    )
    assert "secret" not in answer.content.decode()
    assert said["request_id"] == answer["Request-Id"]
    assert said["request_id"] in caplog.text


def test_every_answer_has_a_request_id_of_its_own(api):
    ids = {
        answer.headers["Request-Id"]
        for answer in (
            api.get("/v1/account"),
            api.get("/v1/account"),
            api.get("/v1/nowhere"),
            api.post("/v1/customer", {}),
            api.call("PATCH", "/v1/account"),
            api.get("/v1/error_codes"),
        )
    }

    assert len(ids) == 6


def test_no_address_ends_with_a_slash_or_sends_elsewhere():
    routes = [str(each.pattern) for each in urlpatterns]

    assert not [each for each in routes if each.endswith("/")]


def test_a_query_of_too_many_members_is_refused_in_the_words_of_the_dialect(api):
    answer = api.get("/v1/list/customer", [(f"a{number}", 1) for number in range(1001)])

    assert answer.refusal == (422, 1)


def test_no_answer_is_kept_by_anybody_between(api):
    for path in ("/v1/list/customer", "/v1/customer/nobody"):
        assert api.get(path).headers["Cache-Control"] == "no-store"
