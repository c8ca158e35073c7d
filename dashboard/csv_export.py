"""Lists as CSV files, streamed row by row; no cell can become a formula."""

import csv
from collections.abc import Iterable, Iterator, Sequence

from django.http import StreamingHttpResponse

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
BYTE_ORDER_MARK = "\ufeff"


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def csv_response(
    name: str, head: Sequence[str], rows: Iterable[Sequence[str]], *, numeric: Sequence[bool]
) -> StreamingHttpResponse:
    """A download of these rows; columns marked numeric hold numbers that we wrote ourselves."""
    response = StreamingHttpResponse(
        _lines(head, rows, numeric), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def _lines(
    head: Sequence[str], rows: Iterable[Sequence[str]], numeric: Sequence[bool]
) -> Iterator[str]:
    write = csv.writer(_Echo()).writerow
    yield BYTE_ORDER_MARK + str(write([harmless(each) for each in head]))
    for row in rows:
        yield str(
            write(
                [
                    text if is_number else harmless(text)
                    for text, is_number in zip(row, numeric, strict=True)
                ]
            )
        )


def harmless(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(DANGEROUS) else text
