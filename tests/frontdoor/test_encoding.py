"""There is one encoding, and whoever names another decodes nothing of ours by it."""

from io import BytesIO

import pytest
from django.core.handlers.wsgi import WSGIHandler

from billing_platform.encoding import refuse_encodings
from billing_platform.forms import UPLOAD_BYTES_MAX
from tests.dashboard.browser import browser

STRANGE = ["hex", "idna", "undefined", "unicode_escape", "utf-16", "latin-1", "\\ud800"]
FORM = "multipart/form-data; boundary=b"


def ask(method: str, path: str, content_type: str, body: bytes = b"") -> int:
    """The status that the web server would send."""
    told: list[str] = []
    path, _, query = path.partition("?")
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "CONTENT_TYPE": content_type,
        "CONTENT_LENGTH": str(len(body)),
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(body),
    }
    app = refuse_encodings(WSGIHandler())
    b"".join(app(environ, lambda status, headers: told.append(status)))
    return int(told[0][:3])


@pytest.mark.parametrize("name", [*STRANGE, "utf-8"])
def test_an_address_is_read_the_same_whatever_encoding_is_named(name):
    asked = f"text/plain; charset={name}"

    assert ask("GET", "/login?next=/%5Cud800", asked) == 200
    assert ask("GET", "/v1/list/customer?handle=%5Cud800", asked) == 401


@pytest.mark.parametrize("name", STRANGE)
@pytest.mark.parametrize("form", [FORM, "application/x-www-form-urlencoded"])
def test_a_form_in_another_encoding_is_refused(form, name):
    assert ask("POST", "/login", f"{form}; charset={name}", b"email=%5Cud800") == 400


@pytest.mark.parametrize("header", ["a/b; charset*=hex''%00", "a/b; charset*0*=x'y", ";;=;\x00"])
def test_a_content_type_that_nobody_can_read_is_no_error_of_ours(header):
    assert ask("GET", "/login", header) == 200


def test_a_form_beyond_the_bound_is_refused_before_it_is_read():
    head = b'--b\r\nContent-Disposition: form-data; name="logo"; filename="a"\r\n\r\n'
    body = head + b"x" * UPLOAD_BYTES_MAX + b"\r\n--b--\r\n"

    assert browser().post("/login", body, content_type=FORM).status_code == 400
