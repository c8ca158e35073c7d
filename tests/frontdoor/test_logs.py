"""What the logs keep to themselves."""

import json
import logging

from django.conf import settings
from django.test import RequestFactory


def test_no_line_holds_the_token_of_a_hosted_page():
    said = dict(settings.LOGGING["formatters"]["json"])
    formatter = said.pop("()")(**said)
    path = "/p/OjgaabvQ34pHMbc1Pjfnxw/invoice.pdf"
    record = logging.LogRecord("django.request", 40, "", 0, "%s: %s", ("Gone", path), None)
    record.request = RequestFactory().get(path)

    line = formatter.format(record)

    assert json.loads(line)["event"] == "Gone: /p/…/invoice.pdf"
    assert "OjgaabvQ34" not in line
