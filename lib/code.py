"""Code as lines of safe HTML, with colours as classes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Generic, Keyword, Name, Number, String

from lib.markup import visible_bidi

HIGHLIGHT_LIMIT = 100_000

# Pygments' own short names, of the roots only: the look has six colours.
CLASSES = (
    (Comment, "c"),
    (String, "s"),
    (Number, "m"),
    (Keyword, "k"),
    (Name.Decorator, "nd"),
    (Name.Function, "nf"),
    (Name.Class, "nc"),
    (Name.Tag, "nt"),
    (Name.Attribute, "na"),
    (Generic.Inserted, "gi"),
    (Generic.Deleted, "gd"),
    (Generic.Heading, "gh"),
    (Generic.Subheading, "gu"),
)
# The name Pygments knows, then the endings of files; nothing else is coloured.
_NAMES = """
    python py / javascript js mjs jsx / typescript ts tsx / java / go / sql / yaml yml / json jsonl
    ipynb / diff patch / bash sh / html htm / css / rust rs / ruby rb / toml / kotlin kt / csharp cs
    c h / cpp hpp cc / php / markdown md / postgresql
"""
LANGUAGES = {name: names.split()[0] for names in _NAMES.split("/") for name in names.split()}


def language_of(path: str) -> str:
    """The language a file's name tells, or "" for plain text."""
    return LANGUAGES.get(PurePosixPath(path).suffix.removeprefix(".").lower(), "")


def code_lines(source: str) -> list[str]:
    """The lines as everyone counts them: form feeds and U+2028 end none, a last newline no more."""
    lines = source.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if lines[-1] == "":
        lines.pop()
    return lines


def highlight_lines(source: str, language: str) -> list[SafeString]:
    """One item per line of `code_lines`; plain over HIGHLIGHT_LIMIT bytes or if unknown."""
    return list(_highlighted(source, language))


# The files of exercises never change and every page of a panel shows the same few.
@lru_cache(maxsize=64)
def _highlighted(source: str, language: str) -> tuple[SafeString, ...]:
    lines = code_lines(visible_bidi(source))
    name = LANGUAGES.get(language.lower(), "")
    if not name or len(source) > HIGHLIGHT_LIMIT or len(source.encode()) > HIGHLIGHT_LIMIT:
        return tuple(SafeString(escape(line)) for line in lines)
    lexer = get_lexer_by_name(name, stripnl=False, ensurenl=False)
    found = _joined(lexer.get_tokens("\n".join(lines)))
    # A lexer that loses or adds a line must not shift the comments of all that follow.
    return tuple(found if len(found) == len(lines) else (SafeString(escape(x)) for x in lines))


def _joined(tokens: Iterator[tuple[Any, str]]) -> list[SafeString]:
    lines: list[list[str]] = [[]]
    for kind, text in tokens:
        css = next((css for root, css in CLASSES if kind in root), "")
        for number, part in enumerate(text.split("\n")):
            if number:
                lines.append([])
            if part:
                html = escape(part)
                lines[-1].append(f'<span class="{css}">{html}</span>' if css else html)
    return [mark_safe("".join(parts)) for parts in lines]  # noqa: S308 (every part is escaped)
