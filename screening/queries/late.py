"""What of a candidate's work came after the time had ended, with both times."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from screening.models import Assignment, Submission
from screening.queries.portfolio import PARTS


@dataclass(frozen=True)
class LatePart:
    """A part of the work that the server had only after the end."""

    words: str
    received: datetime
    # By the clock of the candidate's own device: a claim, shown as one.
    written: datetime | None


def late_parts(work: Submission | None, assignment: Assignment) -> list[LatePart]:
    """In the order they came; each part once, as it was received last."""
    ends_at = assignment.ends_at
    if work is None or ends_at is None:
        return []
    found: dict[str, LatePart] = {}
    for name, entry in work.fields.items():
        received = moment(entry.get("at"))
        if received is None or received <= ends_at or not entry["rev"]:
            continue
        words = _words(name, entry["v"])
        if words not in found or found[words].received < received:
            found[words] = LatePart(words, received, moment(entry.get("written")))
    return sorted(found.values(), key=lambda part: part.received)


def moment(text: Any) -> datetime | None:
    """A moment with its zone, or nothing."""
    try:
        found = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo else None


def _words(name: str, value: Any) -> str:
    kind, _colon, rest = name.partition(":")
    if kind == "comment":
        if not value:
            return _("A comment taken back")
        start, end = value["start"], value["end"]
        lines = f"L{start}" if start == end else f"L{start}–{end}"
        return _("Comment, %(file)s %(lines)s") % {"file": value["file"], "lines": lines}
    if kind == "answer":
        return _("Answer %s") % rest
    if kind in PARTS and rest:
        return _("Piece %s") % rest
    known = {
        "overall": _("What to tell the author first"),
        "ddl": _("Schema or change"),
        "document": _("Design"),
        "decisions": _("Decisions"),
        "links": _("Links"),
    }
    return known.get(kind, _("Conversation with the AI"))
