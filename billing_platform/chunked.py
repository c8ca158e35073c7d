"""Request bodies that come in chunks, without a stated length."""

from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any

Start = Callable[..., Any]
App = Callable[[dict[str, Any], Start], Iterable[bytes]]

# Django takes a body without a stated length for an empty one, and reads no more than this of any.
CHUNKED_BODY_BYTES = 2_621_440


def keep_chunked_bodies(app: App) -> App:
    """State the length of a body that came in chunks.

    Of one beyond the bound, the bound and one byte more arrive: too much for whoever is meant,
    and each face refuses it in its own words.
    """

    def measured(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        if environ.get("HTTP_TRANSFER_ENCODING", "").lower() == "chunked":
            body = environ["wsgi.input"].read(CHUNKED_BODY_BYTES + 1)
            environ["CONTENT_LENGTH"] = str(len(body))
            environ["wsgi.input"] = BytesIO(body)
        return app(environ, start)

    return measured
