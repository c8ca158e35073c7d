"""The least a web server can do: `GET /N` answers with N bytes."""

from collections.abc import Callable, Iterable, Mapping

StartResponse = Callable[[str, list[tuple[str, str]]], object]


def application(environ: Mapping[str, str], start_response: StartResponse) -> Iterable[bytes]:
    """WSGI."""
    wanted = environ["PATH_INFO"].strip("/")
    body = b"x" * int(wanted) if wanted.isdecimal() else b"{}"
    start_response("200 OK", [("Content-Type", "text/html"), ("Content-Length", str(len(body)))])
    return [body]
