"""Which planted flaws the candidate found, as the panel ticked them."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from exercises.models import Flaw
from screening.queries.results_rows import Facts


@dataclass(frozen=True, kw_only=True)
class FlawCount:
    """One flaw of one exercise, and how many scorecards say found, partly or missed."""

    assignment: UUID
    exercise: str
    code: str
    title: str
    severity: str
    found: int
    partly: int
    missed: int

    @property
    def is_found(self) -> bool:
        """More of the panel says found than all else together."""
        return self.found > self.partly + self.missed


def flaw_counts(facts: Mapping[UUID, Facts]) -> dict[UUID, tuple[FlawCount, ...]]:
    """Per application the flaws at least one scorecard that counts has ticked; decoys are none."""
    cards = [card for own in facts.values() for card in own.counting if card.flaws]
    versions = {card.assignment.exercise_version_id for card in cards}
    known: dict[UUID | None, list[Flaw]] = {}
    rows = Flaw.objects.filter(version__in=versions, is_decoy=False)
    for flaw in rows.defer("harm", "found_when").order_by("position"):
        known.setdefault(flaw.version_id, []).append(flaw)
    return {pk: tuple(_counted(own, known)) for pk, own in facts.items()}


def _counted(own: Facts, known: Mapping[UUID | None, list[Flaw]]) -> list[FlawCount]:
    ticks: dict[UUID, list[Mapping[str, str]]] = {}
    assignments = {}
    for card in own.counting:
        if card.flaws:
            ticks.setdefault(card.assignment.pk, []).append(card.flaws)
            assignments[card.assignment.pk] = card.assignment
    made = []
    for pk, given in ticks.items():
        for flaw in known.get(assignments[pk].exercise_version_id, []):
            said = Counter(verdicts[flaw.slug] for verdicts in given if flaw.slug in verdicts)
            if said:
                made.append(_count(assignments[pk].title, pk, flaw, said))
    return made


def _count(title: str, assignment: UUID, flaw: Flaw, said: Mapping[str, int]) -> FlawCount:
    return FlawCount(
        assignment=assignment,
        exercise=title,
        code=flaw.code,
        title=flaw.title,
        severity=flaw.severity,
        found=said.get("found", 0),
        partly=said.get("partly", 0),
        missed=said.get("missed", 0),
    )
