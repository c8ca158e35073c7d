"""Forms as browsers send them: in UTF-8, and no larger than a page of ours ever needs."""

from collections.abc import Callable
from typing import IO, Any

from django.core.exceptions import BadRequest, RequestDataTooBig
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http import HttpRequest, HttpResponseBase

from billing_platform.encoding import UTF_8

UPLOAD_BYTES_MAX = 2_097_152
"""Of a whole form with its files; the largest file that a page asks for has a quarter of it."""

FORMS = {"application/x-www-form-urlencoded", "multipart/form-data"}


class FormsInUtf8:
    """Refuses a form in another encoding; views that take no forms judge bodies themselves."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, *_: Any) -> None:
        encoding = (request.content_params or {}).get("charset", "utf-8").lower()
        takes_forms = not getattr(view, "csrf_exempt", False)
        if takes_forms and request.content_type in FORMS and encoding not in UTF_8:
            raise BadRequest("A form is sent in UTF-8.")


class SmallUploads(MemoryFileUploadHandler):
    """Keeps files in memory, and refuses a form beyond the bound before any of it is read."""

    def handle_raw_input(
        self,
        input_data: IO[bytes],
        META: dict[str, str],  # noqa: N803
        content_length: int,
        boundary: str,
        encoding: str | None = None,
    ) -> None:
        if content_length > UPLOAD_BYTES_MAX:
            raise RequestDataTooBig("The form is too large.")
        super().handle_raw_input(input_data, META, content_length, boundary, encoding)
