"""Page 2: every interviewer's point with its anchor and evidence, and how disputes were settled."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lib.markup import clean_text, visible_bidi
from reports.sources import Source
from screening.models import Amendment, Rating, Scorecard
from screening.queries.results import CriterionRow

MAX_ROWS = 200
MAX_NOTES = 12
MAX_NOTE = 2_000
MAX_TEXT = 240_000
LONGEST_WORD = 60


@dataclass
class Groups:
    """`shown` per criterion; `unseen` and `notice` are sentences."""

    shown: list[dict[str, Any]] = field(default_factory=list)
    unseen: list[str] = field(default_factory=list)
    notice: str = ""
    numbers: dict[str, int] = field(default_factory=dict)


@dataclass
class _Room:
    """What still fits into the document; laying out costs time by rows and by letters."""

    rows: int = MAX_ROWS
    letters: int = MAX_TEXT
    left_out: int = 0


def plain(text: str, most: int = MAX_NOTE) -> str:
    """Somebody's words on one line, nothing hidden in them; words without an end get one."""
    words = visible_bidi(clean_text(str(text))).split()
    pieces = [w[n : n + LONGEST_WORD] for w in words for n in range(0, len(w), LONGEST_WORD)]
    line = " ".join(pieces)
    if len(line) <= most:
        return line
    return line[: most - 1].rsplit(" ", 1)[0].rstrip(".,;: ") + "…"


def groups(source: Source) -> Groups:
    made, room = Groups(), _Room()
    level = source.result.level.lower()
    for number, row in enumerate(source.result.criteria, 1):
        made.numbers[row.key] = number
        given = ratings(source, row.key)
        if row.mean is None and not given:
            made.unseen.append(_unseen(number, row, level))
            continue
        made.shown.append(_group(source, number, row, given, room))
    made.unseen += [
        _("%(name)s: no stage of this loop asks for it.") % {"name": row.name}
        for row in source.result.gaps
    ]
    if room.left_out:
        made.notice = ngettext(
            "%(n)d row is not printed: the document would be too long. The debrief page has it.",
            "%(n)d rows are not printed: the document would be too long. The debrief page has"
            " them.",
            room.left_out,
        ) % {"n": room.left_out}
    return made


def ratings(source: Source, key: str) -> list[tuple[Scorecard, Rating]]:
    return [
        (card, rating)
        for card in source.scorecards
        for rating in card.ratings.all()
        if rating.criterion.key == key
    ]


def _unseen(number: int, row: CriterionRow, level: str) -> str:
    return _(
        "%(number)d %(name)s (%(weight)s %%, %(level)s bar %(bar)s) was observed by nobody and is"
        " left out of the score."
    ) % {
        "number": number,
        "name": row.name,
        "weight": row.weight_percent,
        "level": level,
        "bar": whole(row.bar),
    }


def whole(bar: Any) -> str:
    return f"{bar:.2f}".rstrip("0").rstrip(".") if bar is not None else "–"


def _group(
    source: Source,
    number: int,
    row: CriterionRow,
    given: list[tuple[Scorecard, Rating]],
    room: _Room,
) -> dict[str, Any]:
    rows = []
    for card, rating in given:
        if room.rows <= 0:
            room.left_out += 1
            continue
        room.rows -= 1
        rows.append(_row(source, card, rating, room))
    return {
        "number": number,
        "name": row.name,
        "facts": _("weight %(weight)s %% · %(level)s bar %(bar)s")
        % {
            "weight": row.weight_percent,
            "level": source.result.level.lower(),
            "bar": whole(row.bar),
        },
        "rows": rows,
        "settled": _settled(row, [rating for _card, rating in given]),
    }


def _row(source: Source, card: Scorecard, rating: Rating, room: _Room) -> dict[str, Any]:
    title = plain(rating.anchor_title) if rating.point else _("Not observed")
    if card.is_abstention:
        title = _("%(title)s (abstains)") % {"title": title}
    every = notes(source, card, rating)
    kept = []
    for note in every[:MAX_NOTES]:
        if len(note["text"]) > room.letters:
            break
        room.letters -= len(note["text"])
        kept.append(note)
    missing = len(every) - len(kept)
    return {
        "who": plain(card.interviewer.name, 60),
        "point": rating.point,
        "title": title,
        "notes": kept,
        "notice": _("%(n)d more, not printed: too long.") % {"n": missing} if missing else "",
    }


def notes(source: Source, card: Scorecard, rating: Rating) -> list[dict[str, Any]]:
    """Quotes with their anchors, then the interviewer's own words."""
    place = source.place(card.assignment_id)
    made = [
        {
            "text": plain(quote.get("text", "")),
            "quoted": True,
            "anchor": " ".join(p for p in (place, plain(quote.get("anchor", ""), 80)) if p),
        }
        for quote in rating.quotes
    ]
    if rating.evidence.strip():
        made.append({"text": plain(rating.evidence), "quoted": False, "anchor": ""})
    return [note for note in made if note["text"]]


def _settled(row: CriterionRow, given: list[Rating]) -> list[dict[str, str]]:
    """The amendments, and a criterion the panel left apart."""
    changed = [a for rating in given for a in rating.amendments.all()]
    first = [_first(rating) for rating in given]
    known = [point for point in first if point is not None]
    apart = max(known) - min(known) if known else 0
    if not changed:
        return [_apart(row.spread)] if (row.spread or 0) >= 2 else []
    lead = _("Settled:") if (row.spread or 0) < 2 else _("Still %(n)d apart:") % {"n": row.spread}
    said = [_("%(n)d apart at first.") % {"n": apart}] if apart >= 2 else []
    return [{"lead": lead, "text": " ".join([*said, *_amended(changed)])}]


def _apart(spread: int | None) -> dict[str, str]:
    return {
        "lead": _("%(n)d apart:") % {"n": spread},
        "text": _("the panel left its points as they were."),
    }


def _first(rating: Rating) -> int | None:
    amendments = list(rating.amendments.all())
    return amendments[0].old_point if amendments else rating.point


def _amended(changed: Iterable[Amendment]) -> list[str]:
    said = []
    for amendment in changed:
        words = {
            "who": plain(amendment.by.name, 60),
            "old": amendment.old_point or _("not observed"),
            "new": amendment.new_point or _("not observed"),
            "day": date_format(timezone.localtime(amendment.created_at), "j M Y"),
            "reason": plain(amendment.reason, 400),
        }
        if amendment.old_point == amendment.new_point:
            said.append(_("%(who)s amended the evidence on %(day)s: %(reason)s") % words)
        else:
            said.append(_("%(who)s amended %(old)s to %(new)s on %(day)s: %(reason)s") % words)
    return said
