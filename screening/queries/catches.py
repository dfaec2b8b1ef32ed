"""The catch matrix of one scorecard: the candidate's comments beside the answer key.

It belongs to one scorecard and is as blind as that: everything here is read from the scorecard
itself, the candidate's work and the exercise. Suggestions are `exercises.matching`'s; what counts
is only what the interviewer confirmed. Fields of the draft:

    flaw:<slug>    found | partly | missed
    catch:<slug>   sorted list of comment ids and of what was right: explained, severity, fix
    alarm:<id>     of a comment: "clean" or a decoy's slug, or "fine" for a remark that is no flaw
    probe:<n>      a note on the n-th probe, from 1

`Scorecard.catches`, frozen when the scorecard is submitted (its `flaws` keep their shape):

    {"flaws": {slug: {"comments": [id, …], "explained": bool, "severity": bool, "fix": bool}},
     "alarms": {comment id: "clean" | decoy slug | "fine"},
     "probes": {"1": note, …}}

with found and partly found flaws, and with comments that no such flaw claims.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from exercises import matching
from exercises.models import Category, ExerciseVersion, Flaw
from lib.markup import visible_bidi
from screening.models import Scorecard, ScorecardStatus

RIGHT = ("explained", "severity", "fix")
CLEAN, FINE = "clean", "fine"
CAUGHT = frozenset({"found", "partly"})
EXCERPT = 90
MAX_SUGGESTED = 3
CATEGORIES = dict(Category.choices)


@dataclass(frozen=True)
class Line:
    """One comment beside a flaw: suggested, or confirmed by the interviewer."""

    id: str
    anchor: str
    excerpt: str
    href: str
    is_linked: bool = False
    why: str = ""


@dataclass(frozen=True)
class Catch:
    """What one flaw has: its comments, and what of it was right."""

    lines: list[Line] = field(default_factory=list)
    right: frozenset[str] = frozenset()
    rev: int = 0

    @property
    def linked(self) -> list[Line]:
        return [line for line in self.lines if line.is_linked]

    @property
    def right_words(self) -> str:
        words = (_("explained"), _("severity right"), _("fix right"))
        return ", ".join(
            said for name, said in zip(RIGHT, words, strict=True) if name in self.right
        )


@dataclass(frozen=True)
class Mark:
    """What a comment was marked as, and the flaws it is suggested for while it is not."""

    value: str
    rev: int
    words: str
    is_suggestion: bool


@dataclass(frozen=True)
class Loose:
    """A comment that fits no flaw; `alarm` is what a false alarm of it would be."""

    id: str
    anchor: str
    excerpt: str
    alarm: str
    decoy: str
    value: str


@dataclass(frozen=True)
class Matrix:
    flaws: Mapping[str, Catch]
    marks: Mapping[str, Mark]
    loose: list[Loose]
    alarms: Mapping[str, str]
    recall: matching.Share
    precision: matching.Share
    has_comments: bool

    @property
    def recall_words(self) -> str:
        return percent(self.recall.value)

    @property
    def precision_words(self) -> str:
        return percent(self.precision.value)

    @property
    def claims(self) -> int:
        return int(self.precision.of)


def matrix_of(
    scorecard: Scorecard,
    version: ExerciseVersion,
    comments: Sequence[Mapping[str, Any]],
    *,
    elsewhere: Mapping[str, int] | None = None,
) -> Matrix | None:
    """Suggestions and what was confirmed; None where the work is not lines commented on.

    `elsewhere` tells of comments that another part of a long work shows, and which one.
    """
    if not version.is_critique:
        return None
    flaws = list(version.flaws.all())
    kept = kept_of(scorecard, comments)
    found = matching.suggest([_comment(one) for one in comments], [_item(one) for one in flaws])
    several = len(version.artefacts) > 1
    elsewhere = elsewhere or {}
    shown = {one["id"]: _line(one, elsewhere, with_file=several) for one in comments}
    is_final = scorecard.status == ScorecardStatus.SUBMITTED
    suggested = {} if is_final else found.flaws
    codes = {flaw.slug: flaw.code for flaw in flaws}
    recall, precision = _shares(flaws, kept)
    return Matrix(
        flaws={
            flaw.slug: Catch(
                lines=_lines(kept.linked.get(flaw.slug, ()), suggested.get(flaw.slug, ()), shown),
                right=kept.right.get(flaw.slug, frozenset()),
                rev=_rev(scorecard, f"catch:{flaw.slug}"),
            )
            for flaw in flaws
            if not flaw.is_decoy
        },
        marks={one["id"]: _mark(scorecard, one["id"], kept, suggested, codes) for one in comments},
        loose=[]
        if is_final
        else [one for one in _loose(found.alarms, kept, shown, codes) if one.id not in elsewhere],
        alarms=kept.alarms,
        recall=recall,
        precision=precision,
        has_comments=bool(comments),
    )


def percent(share: Fraction | None) -> str:
    """A share in whole percent, halves upwards (static/js/catch.js rounds alike); – for none."""
    return "–" if share is None else f"{int(share * 100 + Fraction(1, 2))} %"


# --- what the interviewer said


@dataclass(frozen=True)
class Kept:
    """Verdicts, links and marks of one scorecard, from the draft or as they were frozen."""

    verdicts: Mapping[str, str]
    linked: Mapping[str, tuple[str, ...]]
    right: Mapping[str, frozenset[str]]
    alarms: Mapping[str, str]
    probes: Mapping[str, str]

    @property
    def claimed(self) -> set[str]:
        """Comments that speak of a flaw that was found, wholly or partly."""
        return {
            comment
            for slug, comments in self.linked.items()
            if self.verdicts.get(slug) in CAUGHT
            for comment in comments
        }

    @property
    def hits(self) -> int:
        """Comments that were a flaw, and one for each flaw that was caught without a comment."""
        caught = [slug for slug, said in self.verdicts.items() if said in CAUGHT]
        return len(self.claimed) + sum(not self.linked.get(slug) for slug in caught)

    @property
    def false_alarms(self) -> int:
        return sum(said != FINE for said in self.alarms.values())


def kept_of(scorecard: Scorecard, comments: Iterable[Mapping[str, Any]]) -> Kept:
    if scorecard.status == ScorecardStatus.SUBMITTED:
        return _frozen_kept(scorecard)
    known = {one["id"] for one in comments}
    catches = _with_prefix(scorecard, "catch:")
    verdicts = _with_prefix(scorecard, "flaw:")
    linked = {slug: tuple(x for x in said if x in known) for slug, said in catches.items()}
    kept = Kept(
        verdicts=verdicts,
        linked={slug: own for slug, own in linked.items() if own},
        right={slug: frozenset(said) & frozenset(RIGHT) for slug, said in catches.items()},
        alarms={},
        probes=_with_prefix(scorecard, "probe:"),
    )
    claimed = kept.claimed
    alarms = {
        key: said
        for key, said in _with_prefix(scorecard, "alarm:").items()
        if key in known and key not in claimed
    }
    return Kept(kept.verdicts, kept.linked, kept.right, alarms, kept.probes)


def frozen(scorecard: Scorecard, comments: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """What `Scorecard.catches` keeps of a draft."""
    kept = kept_of(scorecard, comments)
    return {
        "flaws": {
            slug: {
                "comments": list(kept.linked.get(slug, ())),
                **{name: name in kept.right.get(slug, ()) for name in RIGHT},
            }
            for slug, said in kept.verdicts.items()
            if said in CAUGHT
        },
        "alarms": dict(kept.alarms),
        "probes": {number: note.strip() for number, note in kept.probes.items() if note.strip()},
    }


def _frozen_kept(scorecard: Scorecard) -> Kept:
    flaws = scorecard.catches.get("flaws", {})
    return Kept(
        verdicts=scorecard.flaws,
        linked={slug: tuple(said["comments"]) for slug, said in flaws.items() if said["comments"]},
        right={slug: frozenset(n for n in RIGHT if said[n]) for slug, said in flaws.items()},
        alarms=scorecard.catches.get("alarms", {}),
        probes=scorecard.catches.get("probes", {}),
    )


def _with_prefix(scorecard: Scorecard, prefix: str) -> dict[str, Any]:
    return {
        name.removeprefix(prefix): entry["v"]
        for name, entry in scorecard.fields.items()
        if name.startswith(prefix) and entry["v"]
    }


def _rev(scorecard: Scorecard, name: str) -> int:
    return int(scorecard.fields.get(name, {}).get("rev", 0))


def _shares(flaws: Iterable[Flaw], kept: Kept) -> tuple[matching.Share, matching.Share]:
    return matching.recall_precision(
        {flaw.slug: flaw.severity for flaw in flaws if not flaw.is_decoy},
        kept.verdicts,
        hits=kept.hits,
        alarms=kept.false_alarms,
    )


# --- what is shown of it


def _comment(one: Mapping[str, Any]) -> matching.Comment:
    place = matching.Place(one["file"], one["start"], one["end"])
    return matching.Comment(one["id"], one["text"], place, one.get("category", ""))


def _item(flaw: Flaw) -> matching.Item:
    return matching.Item(
        flaw.slug,
        f"{flaw.title} {flaw.harm} {flaw.found_when}",
        tuple(matching.Place(flaw.file, start, end) for start, end in flaw.lines),
        flaw.category,
        flaw.is_decoy,
    )


def _lines(
    linked: Sequence[str],
    suggested: Sequence[matching.Suggestion],
    shown: Mapping[str, Line],
) -> list[Line]:
    """The best suggestions, then what else was linked."""
    why = {
        one.comment: reasons(one)
        for place, one in enumerate(suggested)
        if place < MAX_SUGGESTED or one.comment in linked
    }
    ids = [*why, *(one for one in linked if one not in why)]
    return [
        replace(shown[one], is_linked=one in linked, why=why.get(one, ""))
        for one in ids
        if one in shown
    ]


def _line(one: Mapping[str, Any], elsewhere: Mapping[str, int], *, with_file: bool) -> Line:
    lines = str(one["start"]) if one["start"] == one["end"] else f"{one['start']}–{one['end']}"
    file = f"{one['file'].rpartition('/')[2]} " if with_file else ""
    part = f"?part={elsewhere[one['id']]}" if one["id"] in elsewhere else ""
    return Line(one["id"], f"{file}L{lines}", excerpt(one["text"]), f"{part}#comment-{one['id']}")


def excerpt(text: str) -> str:
    words = " ".join(visible_bidi(text).split())
    return words if len(words) <= EXCERPT else f"{words[: EXCERPT - 1].rstrip()}…"


def reasons(one: matching.Suggestion) -> str:
    """Why a comment is suggested, in words."""
    return ", ".join(_reason(reason) for reason in one.reasons)


def _reason(reason: matching.Reason) -> str:
    if reason.kind == "lines":
        return _("same lines")
    if reason.kind == "near":
        apart = int(reason.detail)
        return ngettext("%(n)s line beside", "%(n)s lines beside", apart) % {"n": apart}
    if reason.kind == "category":
        return str(CATEGORIES.get(reason.detail, reason.detail))
    return _("words: %(words)s") % {"words": reason.detail}


def _mark(
    scorecard: Scorecard,
    comment: str,
    kept: Kept,
    suggested: Mapping[str, Sequence[matching.Suggestion]],
    codes: Mapping[str, str],
) -> Mark:
    value = kept.alarms.get(comment, "")
    claimed = [
        codes[slug]
        for slug, comments in kept.linked.items()
        if slug in codes and comment in comments and kept.verdicts.get(slug) in CAUGHT
    ]
    guessed = [
        codes[slug] for slug, own in suggested.items() if any(x.comment == comment for x in own)
    ]
    words = " ".join(claimed) or alarm_words(value, codes) or " ".join(guessed)
    is_suggestion = bool(words) and not claimed and not value
    return Mark(value, _rev(scorecard, f"alarm:{comment}"), words, is_suggestion)


def alarm_words(value: str, codes: Mapping[str, str]) -> str:
    if not value:
        return ""
    if value == FINE:
        return _("fine remark")
    if value in codes:
        return _("false alarm %(code)s") % {"code": codes[value]}
    return _("false alarm")


def _loose(
    alarms: Iterable[matching.Alarm],
    kept: Kept,
    shown: Mapping[str, Line],
    codes: Mapping[str, str],
) -> list[Loose]:
    found = {one.comment: one.decoy for one in alarms}
    return [
        Loose(
            id=key,
            anchor=one.anchor,
            excerpt=one.excerpt,
            alarm=found.get(key) or CLEAN,
            decoy=codes.get(found.get(key, ""), ""),
            value=kept.alarms.get(key, ""),
        )
        for key, one in shown.items()
        if key in found or key in kept.alarms
    ]
