"""The list of errors, for anybody."""

from typing import Any

from django.urls import path

from api.v1.base import View
from api.v1.codes import TEXTS, status_of
from foundation.wire.kinds import Integer, ListOf, Text
from foundation.wire.shapes import Field, Shape
from foundation.wire.views import Call, operation

ERROR_CODE = Shape(
    "ErrorCodeDto",
    Field("code", Integer(min=0, max=999)),
    Field("error", Text()),
    Field("http_code", Integer(min=200, max=599)),
).of_mapping()
CODES = [
    {"code": code, "error": text, "http_code": status_of(code).value}
    for code, text in TEXTS.items()
]


class ErrorCodes(View):
    is_public = True

    @operation("List all errors", ListOf(ERROR_CODE), opens_doors=True)
    def get(self, _: Call) -> Any:
        return CODES


urls = [path("error_codes", ErrorCodes.as_view())]
