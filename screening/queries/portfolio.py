"""Pieces of a portfolio and links: what a candidate points at, and what is safe to follow."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from exercises.models import ExerciseVersion, Kind
from screening.models import Attachment, Submission

PIECES = 5
LONGEST_LINK = 2_000
PARTS = ("link", "what", "did", "otherwise")
# Signs without a width and turns of direction are no part of an address that anybody would read.
_unfit = re.compile('[\\s\x00-\x1f\x7f\\\\<>"\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]')


@dataclass(frozen=True)
class Link:
    """An address as written, and the host it really leads to."""

    url: str
    host: str


@dataclass(frozen=True)
class Statement:
    name: str
    label: str
    text: str
    rev: int


@dataclass(frozen=True)
class Piece:
    """One thing the candidate shows: where it is, and what they say about it."""

    number: int
    link: Link | None
    written: str
    link_rev: int
    statements: list[Statement]
    files: list[Attachment]

    @property
    def is_empty(self) -> bool:
        return not (self.written or self.files or any(one.text for one in self.statements))


def link_of(text: str) -> Link | None:
    """The link, if it is an http(s) address that names its host and nobody's password."""
    if not text or len(text) > LONGEST_LINK or _unfit.search(text):
        return None
    try:
        parts = urlsplit(text)
        host = (parts.hostname or "").encode("idna").decode()
        _port = parts.port
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or "." not in host or "@" in parts.netloc:
        return None
    return Link(text, host)


def links_of(text: str) -> list[Link]:
    """One link a line; what is none is left out."""
    return [link for link in map(link_of, text.split()) if link]


def has_pieces(version: ExerciseVersion) -> bool:
    return bool(version.kind == Kind.PORTFOLIO_REVIEW)


def piece_fields(version: ExerciseVersion) -> list[str]:
    numbers = range(1, PIECES + 1) if has_pieces(version) else ()
    return [f"{part}:{number}" for number in numbers for part in PARTS]


def purpose_of(number: int) -> str:
    """How the files of a piece are told from transcripts and from those of other pieces."""
    return f"portfolio-{number}"


def pieces(work: Submission, files: list[Attachment]) -> list[Piece]:
    labels = {
        "what": _("What it is"),
        "did": _("What you did in it"),
        "otherwise": _("What you would do otherwise today"),
    }
    return [
        Piece(
            number,
            link_of(_text(work, f"link:{number}")),
            _text(work, f"link:{number}"),
            _rev(work, f"link:{number}"),
            [
                Statement(name, label, _text(work, name), _rev(work, name))
                for name, label in ((f"{part}:{number}", labels[part]) for part in labels)
            ],
            [file for file in files if file.purpose == purpose_of(number)],
        )
        for number in range(1, PIECES + 1)
    ]


def _text(work: Submission, name: str) -> str:
    return str(work.value(name) or "")


def _rev(work: Submission, name: str) -> int:
    return int(work.fields.get(name, {}).get("rev", 0))
