"""How a document's number reads."""

TEST = "TEST-"


def series_of(prefix: str, *, is_live: bool) -> str:
    """The series of a prefix; that of a test account is visibly another."""
    return prefix if is_live else f"{TEST}{prefix}"


def is_test_series(series: str) -> bool:
    """Whether documents of this series are for trying out only."""
    return series.startswith(TEST)


def number_text(series: str, year: int, sequence: int) -> str:
    """Series, year and running number, as in INV-2027-000042; longer numbers stay whole."""
    return f"{series}-{year}-{sequence:06d}"
