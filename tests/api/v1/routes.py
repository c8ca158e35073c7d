"""The addresses of /v1, walked for tests."""

import re

SAMPLES = {"number": "1"}
METHODS = ("get", "post", "put", "delete")


def sample_of(pattern) -> str:
    """An address that fits the pattern and names nothing that is there."""
    return re.sub(r"<(\w+):\w+>", lambda part: SAMPLES.get(part[1], "f" * 32), str(pattern.pattern))


def methods_of(pattern) -> list[str]:
    view = pattern.callback.view_class
    return [each.upper() for each in METHODS if hasattr(getattr(view, each, None), "operation")]
