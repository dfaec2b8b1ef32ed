"""The one module that knows WeasyPrint. Pinned data in, the bytes of a tagged PDF out.

Only workers call it: importing WeasyPrint takes seconds, and it is not thread-safe. Same data,
same bytes: nothing is read but the data, the template, the style sheet and the vendored fonts.
"""

import atexit
import gc
import io
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from xml.etree import ElementTree

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

MAX_HTML = 1_000_000
MAX_PAGES = 150
USUAL_PAGES = 2
FONTS = settings.BASE_DIR / "static" / "vendor" / "pdf"
SCHEME = "plumbline:"
# What no XML may hold; a browser shows nothing for them either.
NO_XML = dict.fromkeys([*range(9), 11, 12, *range(14, 32), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF])

# It tells of every step of every page.
logging.getLogger("weasyprint.progress").setLevel(logging.WARNING)


class Unprintable(Exception):
    """The document cannot be made; the message says so to who asked for it."""


@dataclass(frozen=True)
class Pdf:
    content: bytes
    pages: int


def preload() -> None:
    """Import the engine before a fork, and leave what it brought to no collector."""
    import weasyprint  # noqa: F401

    gc.collect()
    gc.freeze()


def markup(data: Mapping[str, Any], pages: Mapping[int, int] | None = None) -> str:
    """The document as HTML; Unprintable when it is too long to be laid out in time.

    `pages` says on which page the evidence of each criterion stands; without, on the second.
    """
    with translation.override(data["lang"]):
        context = {"d": data, "pages": pages or {}}
        html = render_to_string("reports/scorecard.html", context).translate(NO_XML)
        if len(html.encode()) > MAX_HTML:
            raise Unprintable(
                _("This PDF would be too long: its text is over 1 MB. Read it on the pages.")
            )
    return html


def render(data: Mapping[str, Any]) -> Pdf:
    """The PDF of this pinned data."""
    html = markup(data)
    engine = _engine(os.getpid())
    try:
        document = engine.lay_out(html)
        if len(document.pages) > USUAL_PAGES:
            # Page counters in CSS would lay out every document three times.
            document = engine.lay_out(markup(data, _evidence_pages(document)))
        pages = len(document.pages)
        if pages > MAX_PAGES:
            raise Unprintable(
                _("This PDF would be too long: %(pages)d pages. Read it on the pages instead.")
                % {"pages": pages}
            )
        out = io.BytesIO()
        document.write_pdf(out, pdf_variant="pdf/ua-1")
    except engine.fatal as error:
        # A BaseException there; nothing of ours may end a worker.
        raise Unprintable(str(error)) from error
    return Pdf(content=out.getvalue(), pages=pages)


def _evidence_pages(document: Any) -> dict[int, int]:
    return {
        int(name.removeprefix("c-")): number
        for number, page in enumerate(document.pages, 1)
        for name in page.anchors
        if name.startswith("c-")
    }


class _Engine:
    """Fonts and style sheet, read once per process: a fresh set per document leaks and costs."""

    def __init__(self) -> None:
        from weasyprint import CSS
        from weasyprint.text.fonts import FontConfiguration
        from weasyprint.urls import FatalURLFetchingError

        self.fatal = FatalURLFetchingError
        self._html = _html()
        self._fetcher = _fetcher()
        self._fonts = FontConfiguration()
        self._css = CSS(
            string=render_to_string("reports/scorecard.css"),
            url_fetcher=self._fetcher,
            font_config=self._fonts,
        )

    def lay_out(self, html: str) -> Any:
        source = self._html(html, self._fetcher)
        return source.render(
            font_config=self._fonts, stylesheets=[self._css], pdf_variant="pdf/ua-1"
        )


@cache
def _engine(_pid: int) -> _Engine:
    """One per process, made after the fork."""
    return _Engine()


# Its fonts are files that must go while Python still stands.
atexit.register(_engine.cache_clear)


def _html() -> Any:
    """The engine's document, for markup and a style sheet that are both ours.

    Ours is well-formed: read as XML it takes a tenth of the time. And what the engine's own style
    sheet has for notes, lists and forms would give every element six styles that nothing uses.
    """
    from cssselect2 import ElementWrapper
    from weasyprint import HTML

    class Html(HTML):
        def __init__(self, string: str, url_fetcher: Any) -> None:
            try:
                tree = ElementTree.fromstring(string)  # noqa: S314 (ours, and without a DTD)
            except ElementTree.ParseError:
                super().__init__(string=string, url_fetcher=url_fetcher, base_url=SCHEME)
                return
            self.base_url = SCHEME
            self.url_fetcher = url_fetcher
            self.media_type = "print"
            self.wrapper_element = ElementWrapper.from_html_root(tree, content_language=None)
            self.etree_element = self.wrapper_element.etree_element

        def _ua_stylesheets(self, *_options: Any) -> list[Any]:
            return []

    return Html


def _fetcher() -> Any:
    """Gives the vendored fonts by name and refuses all else, whatever the scheme."""
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    names = {f"{SCHEME}{path.name}": path for path in FONTS.glob("*.ttf")}

    class Fonts(URLFetcher):
        def fetch(self, url: str, headers: Any = None) -> Any:
            if url not in names:
                raise ValueError(f"not one of our fonts: {url[:80]}")
            return URLFetcherResponse(url, names[url].read_bytes())

    return Fonts(allowed_protocols=())
