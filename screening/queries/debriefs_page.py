"""What one debrief lays side by side: agreement, differences, gaps, and the notes behind a cell.

For readers of an open debrief only (`debriefs.readable`, `results_open.debrief_is_open`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Prefetch
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.models import User
from candidates.models import Application
from lib import forest_rows
from lib.charts import Band, ForestRow
from screening.models import Amendment, AssignmentStatus, Rating, Scorecard
from screening.queries.results_types import Calibrated, CriterionRow, Result

APART = 2


@dataclass(frozen=True)
class Note:
    """One interviewer's judgement of one criterion, with what was changed afterwards."""

    rating: Rating
    card: Scorecard
    amendments: Sequence[Amendment]

    @property
    def user(self) -> User:
        return self.card.interviewer

    @property
    def submitted_at(self) -> datetime | None:
        return self.card.submitted_at


@dataclass(frozen=True)
class Cell:
    """What one interviewer gave on one criterion: points (None: not observed), or nothing at all.

    Two stages may both show a criterion to the same person, so there can be two points.
    """

    criterion: CriterionRow
    user: User
    points: tuple[int | None, ...]
    is_apart: bool
    is_open: bool
    is_amended: bool

    @property
    def is_blank(self) -> bool:
        return not self.points

    @property
    def point(self) -> int:
        """The tint: the lowest point given, 0 for not observed."""
        return min((point for point in self.points if point), default=0)

    @property
    def text(self) -> str:
        return " ".join(str(point or "–") for point in self.points)

    @property
    def said(self) -> str:
        """What the cell is called by those who do not see it."""
        given = ", ".join(str(point) if point else _("not observed") for point in self.points)
        words = f"{self.user.get_short_name()}, {self.criterion.name}: {given}"
        if self.is_apart:
            words += ", " + apart_words(self.criterion)
        return f"{words}, {_('amended')}" if self.is_amended else words


@dataclass(frozen=True)
class HeatRow:
    criterion: CriterionRow
    cells: Sequence[Cell]

    @property
    def spread_words(self) -> str:
        spread = self.criterion.spread
        if spread is None:
            return "–"
        return apart_words(self.criterion) if spread >= APART else str(spread)

    @property
    def is_apart(self) -> bool:
        return (self.criterion.spread or 0) >= APART


@dataclass(frozen=True)
class Difference:
    """A criterion to talk about: who gave least and who most."""

    criterion: CriterionRow
    words: str
    cell: str


@dataclass(frozen=True)
class Opened:
    """The notes behind the cell that is open, that cell's first."""

    criterion: CriterionRow
    words: str
    notes: Sequence[Note]


@dataclass(frozen=True)
class Line:
    """One candidate in the forest."""

    application: Application
    result: Result
    svg: SafeString
    is_current: bool


@dataclass(frozen=True)
class Page:
    people: Sequence[User]
    heat: Sequence[HeatRow]
    agree: Sequence[HeatRow]
    differ: Sequence[Difference]
    once: Sequence[CriterionRow]
    opened: Opened | None
    cards: Sequence[Scorecard]
    recommendations: Sequence[str]
    gap_count: int


def apart_words(criterion: CriterionRow) -> str:
    return _("%(n)s apart") % {"n": criterion.spread}


def cards_of(application: Application, user: User) -> list[Scorecard]:
    """The submitted scorecards this reader may see, with their ratings and amendments."""
    ratings = Rating.objects.select_related("criterion").prefetch_related("amendments")
    return list(
        Scorecard.objects.visible_to(user)
        .submitted()
        .filter(assignment__application=application)
        .exclude(assignment__status=AssignmentStatus.CANCELLED)
        .select_related("interviewer", "assignment")
        .defer("fields", "assignment__criteria")
        .prefetch_related(Prefetch("ratings", queryset=ratings))
        .order_by("interviewer__name", "assignment__position", "pk")
    )


def page(result: Result, cards: Sequence[Scorecard], *, wanted: str = "") -> Page:
    """`wanted` is the cell asked for, "criterion.user"; without one the widest difference opens."""
    notes = _notes(cards)
    people = list({card.interviewer_id: card.interviewer for card in cards}.values())
    differ = [_difference(row, people) for row in result.criteria if (row.spread or 0) >= APART]
    differ.sort(key=lambda d: (-(d.criterion.spread or 0), d.criterion.criterion.position))
    once = [row for row in result.criteria if row.n == 1]
    cell = wanted or (differ[0].cell if differ else "")
    heat = [_heat_row(row, people, notes, cell) for row in result.criteria]
    return Page(
        people=people,
        heat=heat,
        agree=[row for row in heat if row.criterion.n > 1 and not row.is_apart],
        differ=differ,
        once=once,
        opened=_opened(result, people, notes, cell),
        cards=cards,
        recommendations=[_recommendation(cards, user) for user in people],
        gap_count=len(result.unobserved) + len(once) + len(result.gaps),
    )


Notes = Mapping[tuple[str, UUID], Sequence[Note]]


def _notes(cards: Iterable[Scorecard]) -> Notes:
    found: dict[tuple[str, UUID], list[Note]] = {}
    for card in cards:
        for rating in card.ratings.all():
            note = Note(rating, card, list(rating.amendments.all()))
            found.setdefault((rating.criterion.key, card.interviewer_id), []).append(note)
    return found


def name_of(criterion: CriterionRow, user: User) -> str:
    return f"{criterion.key}.{user.pk}"


def _heat_row(
    criterion: CriterionRow, people: Sequence[User], notes: Notes, opened: str
) -> HeatRow:
    given = [point for _user, point in criterion.points]
    ends = {min(given), max(given)} if given and (criterion.spread or 0) >= APART else set()
    counted = {user for user, _point in criterion.points}
    cells = []
    for user in people:
        own = notes.get((criterion.key, user.pk), ())
        points = tuple(note.rating.point for note in own)
        cells.append(
            Cell(
                criterion=criterion,
                user=user,
                points=points,
                is_apart=user.pk in counted and bool(ends & set(points)),
                is_open=opened == name_of(criterion, user),
                is_amended=any(note.amendments for note in own),
            )
        )
    return HeatRow(criterion, cells)


def _ends(criterion: CriterionRow, people: Sequence[User]) -> tuple[tuple[User, int], ...]:
    """Who gave least, and who most, of those whose points count."""
    known = {user.pk: user for user in people}
    given = [(known[user], point) for user, point in criterion.points if user in known]
    if not given:
        return ()
    return min(given, key=lambda pair: pair[1]), max(given, key=lambda pair: pair[1])


def _difference(criterion: CriterionRow, people: Sequence[User]) -> Difference:
    low, high = _ends(criterion, people)
    words = _("%(low)s %(least)s, %(high)s %(most)s") % {
        "low": low[0].get_short_name(),
        "least": low[1],
        "high": high[0].get_short_name(),
        "most": high[1],
    }
    return Difference(criterion, words, name_of(criterion, low[0]))


def _opened(result: Result, people: Sequence[User], notes: Notes, wanted: str) -> Opened | None:
    key, _dot, user_pk = wanted.partition(".")
    criterion = next((row for row in result.criteria if row.key == key), None)
    mine = next((user for user in people if str(user.pk) == user_pk), None)
    if criterion is None or mine is None:
        return None
    order = [mine, *(user for user in people if user != mine)]
    if (criterion.spread or 0) >= APART:
        ends = [user for user, _point in _ends(criterion, people)]
        order.sort(key=lambda user: (user != mine, user not in ends))
    found = [note for user in order for note in notes.get((key, user.pk), ())]
    return Opened(criterion, _opened_words(criterion, people), found) if found else None


def _opened_words(criterion: CriterionRow, people: Sequence[User]) -> str:
    ends = _ends(criterion, people)
    if not ends or (criterion.spread or 0) < APART:
        return ""
    (low, least), (high, most) = ends
    return _("%(low)s %(least)s against %(high)s %(most)s") % {
        "low": low.get_short_name(),
        "least": least,
        "high": high.get_short_name(),
        "most": most,
    }


def _recommendation(cards: Iterable[Scorecard], user: User) -> str:
    own = [card.get_recommendation_display() for card in cards if card.interviewer_id == user.pk]
    return ", ".join(dict.fromkeys(own))


def forest(results: Mapping[UUID, Result], current: Application) -> list[Line]:
    """The candidates in the order given, each with its row of the chart."""
    bar = results[current.pk].bar if current.pk in results else None
    lines = []
    for result in results.values():
        is_current = result.application.pk == current.pk
        made = _chart_row(result, is_current=is_current)
        svg = forest_rows.row(made, bar=bar)
        lines.append(Line(result.application, result, svg, is_current))
    return lines


def _chart_row(result: Result, *, is_current: bool) -> ForestRow:
    bands: dict[str, Any] = {}
    calibrated = result.calibrated
    if calibrated:
        bands = {
            "calibrated": calibrated.value,
            "band_50": Band(*calibrated.band_50),
            "band_80": Band(*calibrated.band_80),
            "band_95": Band(*calibrated.band_95),
        }
    return ForestRow(label=result.application.code, raw=result.raw, is_current=is_current, **bands)


def by_calibrated(results: Mapping[UUID, Result]) -> dict[UUID, Result]:
    """Highest first; those without a calibrated score stay in their order at the end."""

    def key(item: tuple[UUID, Result]) -> tuple[bool, Decimal]:
        found: Calibrated | None = item[1].calibrated
        return found is None, -Decimal(str(found.exact)) if found else Decimal(0)

    return dict(sorted(results.items(), key=key))
