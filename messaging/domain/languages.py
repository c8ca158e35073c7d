"""The languages that mails and hosted pages are written in."""

LANGUAGES = ("de", "en")
LAST_RESORT = "en"


def language_of(*asked: str) -> str:
    """The first of these languages that we speak: `de-AT` is `de`, and nobody is left without."""
    for each in asked:
        spoken = each.replace("_", "-").partition("-")[0].lower()
        if spoken in LANGUAGES:
            return spoken
    return LAST_RESORT
