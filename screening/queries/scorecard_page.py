"""The right side of a scorecard: what can be chosen, what was chosen, and what was amended."""

import json
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rubrics.models import Level
from screening.models import Rating, Recommendation, Scorecard
from screening.queries import scorecards
from screening.queries.scorecards import Aspect


@dataclass(frozen=True)
class Card:
    """One point card of a criterion."""

    point: str
    title: str
    text: str
    is_chosen: bool


@dataclass(frozen=True)
class Row:
    """A criterion of a draft."""

    aspect: Aspect
    cards: list[Card]
    revs: dict[str, int]
    evidence: str
    quotes: list[dict[str, str]]
    is_current: bool = False

    @property
    def is_scored(self) -> bool:
        return any(card.is_chosen for card in self.cards)

    @property
    def quotes_json(self) -> str:
        return json.dumps(self.quotes)

    @property
    def quotes_words(self) -> str:
        count = len(self.quotes)
        return ngettext("%(n)s quote", "%(n)s quotes", count) % {"n": count} if count else ""

    @property
    def evidence_line(self) -> str:
        text = self.evidence.strip()
        if text:
            return text.splitlines()[0]
        return "" if self.quotes else _("No evidence yet")


@dataclass(frozen=True)
class Judged:
    """A criterion of a submitted scorecard, with its cards' words and its amendments."""

    rating: Rating
    number: int
    point: int | None
    amendments: list[Any]
    share: int


@dataclass(frozen=True)
class Choice:
    value: str
    label: str
    is_chosen: bool


def rows(scorecard: Scorecard, judged: list[Aspect]) -> list[Row]:
    """The criteria; the first without a point is the one to go on with."""
    found = [_row(scorecard, aspect) for aspect in judged]
    current = next((n for n, row in enumerate(found) if not row.is_scored), 0)
    return [replace(row, is_current=n == current) for n, row in enumerate(found)]


def _row(scorecard: Scorecard, aspect: Aspect) -> Row:
    chosen = scorecard.value(f"point:{aspect.key}")
    cards = [
        Card(str(point), anchor.title, anchor.text, chosen == str(point))
        for point, anchor in sorted(aspect.anchors.items())
    ]
    none = scorecards.NOT_OBSERVED
    cards.append(Card(none, _("Not observed"), _("Not scored, never a zero."), chosen == none))
    return Row(
        aspect=aspect,
        cards=cards,
        revs={
            kind: rev(scorecard, f"{kind}:{aspect.key}") for kind in ("point", "evidence", "quotes")
        },
        evidence=scorecard.value(f"evidence:{aspect.key}") or "",
        quotes=scorecard.value(f"quotes:{aspect.key}") or [],
    )


def rev(scorecard: Scorecard, name: str) -> int:
    return int(scorecard.fields.get(name, {}).get("rev", 0))


def revisions(scorecard: Scorecard) -> str:
    """Field to revision as the forms carry it, to notice what moved in between."""
    return json.dumps({name: entry["rev"] for name, entry in scorecard.fields.items()})


def recommendations(scorecard: Scorecard) -> list[Choice]:
    chosen = scorecard.value("recommendation")
    return [Choice(value, str(label), value == chosen) for value, label in Recommendation.choices]


def judged(scorecard: Scorecard, level: Level) -> list[Judged]:
    """The ratings of a submitted scorecard in the assignment's order."""
    shares = {a.key: a.share for a in scorecards.aspects(scorecard.assignment, level)}
    ratings = {
        rating.criterion.key: rating
        for rating in scorecard.ratings.select_related("criterion").prefetch_related("amendments")
    }
    ordered = [ratings[key] for key in scorecard.assignment.criteria if key in ratings]
    return [
        Judged(
            rating=rating,
            number=number,
            point=rating.point,
            amendments=list(rating.amendments.all()),
            share=shares.get(rating.criterion.key, 0),
        )
        for number, rating in enumerate(ordered, 1)
    ]
