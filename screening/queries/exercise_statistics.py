"""How often each planted flaw is found: by level, and in the order of use.

A use is one application's work on this version that at least one counting scorecard has ticked.
Fewer than `ENOUGH` uses tell of persons and not of the exercise: they are no numbers here, neither
in all nor for one level. What somebody must not know yet is left out before anything is counted.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from accounts.models import User
from exercises.models import ExerciseVersion, Flaw
from rubrics.models import Level
from screening.models import Conflict, Scorecard
from screening.queries.standing import owed_by

ENOUGH = 5
COLUMNS = ("assignment_id", "flaws", "catches", "assignment__application__job__level__name")
FOUND, PARTLY, MISSED = "found", "partly", "missed"


@dataclass(frozen=True)
class Use:
    """What the panel said of one piece of work: flaw slug → found, partly, missed."""

    level: str
    said: Mapping[str, str]
    # Decoy slugs, and "" for a line with nothing planted, that were called a flaw.
    alarms: frozenset[str]


@dataclass(frozen=True)
class Share:
    """So many of so many; `is_enough` is false where the number would tell of persons."""

    found: int = 0
    partly: int = 0
    of: int = 0

    @property
    def missed(self) -> int:
        return self.of - self.found - self.partly

    @property
    def is_enough(self) -> bool:
        return self.of >= ENOUGH


@dataclass(frozen=True)
class Item:
    """A flaw, or a point that a strong design contains."""

    slug: str
    code: str
    title: str
    severity: str = ""
    level: str = ""


@dataclass(frozen=True)
class ItemRow:
    item: Item
    all: Share
    levels: list[Share]
    # The earlier and the later half of the uses; none if a half would be too few.
    halves: list[Share] = field(default_factory=list)

    @property
    def drift(self) -> str:
        """Found more often or less often later on: more, less, or nothing to say."""
        if len(self.halves) < 2:
            return ""
        before, after = (half.found / half.of for half in self.halves)
        return "" if abs(after - before) < 0.25 else ("more" if after > before else "less")


@dataclass(frozen=True)
class DecoyRow:
    item: Item
    flagged: int


@dataclass(frozen=True)
class Statistics:
    uses: int
    levels: list[str]
    items: list[ItemRow]
    decoys: list[DecoyRow]
    clean_alarms: int

    @property
    def is_enough(self) -> bool:
        return self.uses >= ENOUGH

    @property
    def found(self) -> dict[str, Share]:
        """By slug how often found, and of a decoy how often called a flaw."""
        flagged = {row.item.slug: Share(row.flagged, of=self.uses) for row in self.decoys}
        return {row.item.slug: row.all for row in self.items} | flagged


def statistics(version: ExerciseVersion, reader: User) -> Statistics:
    """What this reader may know of the uses of a version, oldest use first."""
    uses = _uses(version, reader)
    if len(uses) < ENOUGH:
        return Statistics(uses=len(uses), levels=[], items=[], decoys=[], clean_alarms=0)
    flaws = list(version.flaws.all())
    levels = list(
        Level.objects.filter(name__in={use.level for use in uses}).values_list("name", flat=True)
    )
    alarms = Counter(slug for use in uses for slug in use.alarms)
    items = [_item(flaw) for flaw in flaws if not flaw.is_decoy] or _points(version)
    return Statistics(
        uses=len(uses),
        levels=levels,
        items=[_row(item, uses, levels) for item in items],
        decoys=[DecoyRow(_item(flaw), alarms[flaw.slug]) for flaw in flaws if flaw.is_decoy],
        clean_alarms=alarms[""],
    )


def _item(flaw: Flaw) -> Item:
    return Item(flaw.slug, flaw.code, flaw.title, flaw.severity, flaw.level)


def _points(version: ExerciseVersion) -> list[Item]:
    return [
        Item(point["id"], f"E{number}", point["title"], level=point["level"])
        for number, point in enumerate(version.expects, start=1)
    ]


def _uses(version: ExerciseVersion, reader: User) -> list[Use]:
    hidden = owed_by(reader) | set(
        Conflict.objects.filter(user=reader).values_list("application_id", flat=True)
    )
    cards = (
        Scorecard.objects.submitted()
        .filter(is_abstention=False, assignment__exercise_version=version)
        .exclude(assignment__status="cancelled")
        .exclude(assignment__application__in=hidden)
        .values_list(*COLUMNS)
        .order_by("assignment__handed_in_at", "assignment__created_at", "assignment_id")
    )
    by_work: dict[UUID, list[tuple[Any, ...]]] = {}
    for work, ticks, catches, level in cards:
        if ticks or catches:
            by_work.setdefault(work, []).append((ticks, catches, level))
    return [_use(rows) for rows in by_work.values()]


def _use(rows: Sequence[tuple[Any, ...]]) -> Use:
    slugs = {slug for ticks, _, _ in rows for slug in ticks}
    return Use(
        level=rows[0][2],
        said={
            slug: _verdict(ticks[slug] for ticks, _, _ in rows if slug in ticks) for slug in slugs
        },
        alarms=frozenset(
            slug for _, catches, _ in rows for slug in (catches.get("alarms") or {}).values()
        ),
    )


def _verdict(given: Iterable[str]) -> str:
    """What most of a panel says: found only if more say so than all else together."""
    said = Counter(given)
    if said[FOUND] > said[PARTLY] + said[MISSED]:
        return FOUND
    return PARTLY if said[FOUND] + said[PARTLY] > said[MISSED] else MISSED


def _row(item: Item, uses: Sequence[Use], levels: Sequence[str]) -> ItemRow:
    ticked = [use for use in uses if item.slug in use.said]
    half = len(ticked) // 2
    parts = (ticked[:half], ticked[half:]) if half >= ENOUGH else ()
    return ItemRow(
        item=item,
        all=_share(item, ticked),
        levels=[_share(item, [use for use in ticked if use.level == level]) for level in levels],
        halves=[_share(item, part) for part in parts],
    )


def _share(item: Item, uses: Sequence[Use]) -> Share:
    said = Counter(use.said[item.slug] for use in uses)
    return Share(found=said[FOUND], partly=said[PARTLY], of=len(uses))
