"""The layout engine with what it may keep: fonts and the stylesheets it has read.

Imported in the renderer's process only: where Pango is missing the import raises `OSError`.
"""

from collections.abc import Mapping
from functools import lru_cache

from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

ASSET = "asset:"
VARIANT = "pdf/a-3b"


class OwnAssets(URLFetcher):  # type: ignore[misc]
    """Serves what came with the page and refuses every other address."""

    def __init__(self, assets: Mapping[str, bytes]) -> None:
        super().__init__(allowed_protocols=(), allow_redirects=False)
        self._assets = assets

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:
        name = url.removeprefix(ASSET)
        if not url.startswith(ASSET) or name not in self._assets:
            raise ValueError("this address is not among the page's own")
        return URLFetcherResponse(url, self._assets[name], dict(headers or {}))


class Layout:
    """Turns pages into PDF; the same page gives the same bytes."""

    def __init__(self) -> None:
        self._fonts = FontConfiguration()
        self._read = lru_cache(maxsize=8)(self._stylesheet)

    def pdf(self, *, html: str, stylesheet: str, assets: Mapping[str, bytes]) -> bytes:
        fetcher = OwnAssets(assets)
        content: bytes = HTML(string=html, url_fetcher=fetcher, base_url=ASSET).write_pdf(
            stylesheets=[self._read(stylesheet)],
            font_config=self._fonts,
            pdf_variant=VARIANT,
            presentational_hints=False,
        )
        return content

    def _stylesheet(self, text: str) -> CSS:
        return CSS(string=text, url_fetcher=OwnAssets({}), font_config=self._fonts)
