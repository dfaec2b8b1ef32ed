"""Text from people: cleaned when it comes in, safe when it goes out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import nh3
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

MARKDOWN_LIMIT = 20_000
TOP_HEADING = 3

TAGS = {
    *("p", "br", "hr", "h3", "h4", "h5", "h6", "strong", "em", "s", "code", "pre", "blockquote"),
    *("ul", "ol", "li", "a", "table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
SCHEMES = {"http", "https", "mailto"}

_refused = re.compile("[\x00\ud800-\udfff]")
_controls = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]")
_bidi = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def clean_text(text: str) -> str:
    """The text without control characters but line ends and tabs; ValueError on NUL and halves."""
    if _refused.search(text):
        raise ValueError(_("This text has characters that cannot be stored. Please remove them."))
    return _controls.sub("", text)


def visible_bidi(text: str) -> str:
    """Characters that turn the reading direction, written out: code must read as it runs."""
    return _bidi.sub(lambda found: f"[U+{ord(found[0]):04X}]", text)


def render_markdown(text: str) -> SafeString:
    """Markdown to HTML of a short list of tags; ValueError over MARKDOWN_LIMIT bytes."""
    cleaned = clean_text(text)
    if len(cleaned.encode()) > MARKDOWN_LIMIT:
        raise ValueError(_("This text is longer than 20 KB. Please shorten it."))
    html = nh3.clean(
        _markdown.render(cleaned),
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        link_rel="noopener noreferrer nofollow",
        strip_comments=True,
    )
    return mark_safe(html)  # noqa: S308 (nh3 has just cleaned it)


class _Renderer(RendererHTML):
    """Headings below the page's own, bidi controls in code visible."""

    def code_inline(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        _show_bidi(tokens[idx])
        return super().code_inline(tokens, idx, options, env)

    def code_block(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        _show_bidi(tokens[idx])
        return super().code_block(tokens, idx, options, env)

    def fence(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        _show_bidi(tokens[idx])
        return super().fence(tokens, idx, options, env)

    def renderToken(  # noqa: N802 (the library's name)
        self, tokens: Sequence[Token], idx: int, options: Any, env: Any
    ) -> str:
        token = tokens[idx]
        if token.type in {"heading_open", "heading_close"}:
            written = token.markup.count("#") or (1 if token.markup == "=" else 2)
            token.tag = f"h{min(6, written + TOP_HEADING - 1)}"
        return super().renderToken(tokens, idx, options, env)


def _show_bidi(token: Token) -> None:
    token.content = visible_bidi(token.content)


_markdown = (
    MarkdownIt("commonmark", {"html": False, "maxNesting": 20}, renderer_cls=_Renderer)
    .enable(["table", "strikethrough"])
    .disable("image")
)
