from io import BytesIO

from django.conf import settings

from billing_platform.chunked import CHUNKED_BODY_BYTES, keep_chunked_bodies


def echo(environ, start):
    start("200 OK", [])
    return [environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))]


def send(body: bytes, **environ: str) -> tuple[str, bytes]:
    told: list[str] = []
    answer = keep_chunked_bodies(echo)(
        {"wsgi.input": BytesIO(body), **environ}, lambda status, headers: told.append(status)
    )
    return told[0], b"".join(answer)


def test_a_chunked_body_arrives_whole():
    assert send(b'{"a": 1}', HTTP_TRANSFER_ENCODING="Chunked") == ("200 OK", b'{"a": 1}')


def test_of_a_chunked_body_beyond_the_bound_one_byte_too_many_arrives():
    """So that each face refuses it in its own words."""
    body = b"x" * (CHUNKED_BODY_BYTES + 10)

    _, arrived = send(body, HTTP_TRANSFER_ENCODING="chunked")

    assert len(arrived) == CHUNKED_BODY_BYTES + 1
    assert len(arrived) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE


def test_a_body_with_a_stated_length_is_left_alone():
    assert send(b"abcdef", CONTENT_LENGTH="3") == ("200 OK", b"abc")
