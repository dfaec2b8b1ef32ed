"""What a report is made of, for many applications at a constant number of queries."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Prefetch

from candidates.models import Application
from exercises.models import Flaw
from screening.models import Amendment, Assignment, Decision, Rating, Scorecard
from screening.queries.results import Result, results_of


@dataclass
class Source:
    """One application, its result, and the rows behind it."""

    application: Application
    result: Result
    assignments: list[Assignment] = field(default_factory=list)
    scorecards: list[Scorecard] = field(default_factory=list)
    decision: Decision | None = None
    decoys: dict[UUID, set[str]] = field(default_factory=dict)

    def place(self, assignment: UUID) -> str:
        """How an anchor names its exercise; nothing where there is only one."""
        if len(self.assignments) < 2:
            return ""
        numbers = [row.pk for row in self.assignments]
        return f"Ex. {numbers.index(assignment) + 1}"


def sources(applications: Iterable[Application]) -> dict[UUID, Source]:
    asked = list(applications)
    results = results_of(asked)
    found = {a.pk: Source(a, results[a.pk]) for a in asked}
    assignments = (
        Assignment.objects.live()
        .filter(application__in=asked)
        .select_related("exercise_version", "submission")
        .defer("exercise_version__artefacts", "exercise_version__brief_html")
        .order_by("position", "id")
    )
    for assignment in assignments:
        found[assignment.application_id].assignments.append(assignment)
    for card in _scorecards(asked):
        found[card.assignment.application_id].scorecards.append(card)
    decisions = Decision.objects.filter(application__in=asked).select_related("by")
    for decision in decisions.order_by("created_at", "id"):
        found[decision.application_id].decision = decision
    _give_decoys(found.values())
    return found


def _scorecards(applications: Sequence[Application]) -> Iterable[Scorecard]:
    amendments = Amendment.objects.select_related("by").order_by("created_at", "id")
    ratings = Rating.objects.select_related("criterion").prefetch_related(
        Prefetch("amendments", queryset=amendments)
    )
    return (
        Scorecard.objects.submitted()
        .filter(assignment__application__in=applications)
        .exclude(assignment__status="cancelled")
        .select_related("interviewer", "assignment")
        .prefetch_related(Prefetch("ratings", queryset=ratings))
        .defer("fields")
        .order_by("interviewer__name", "assignment__position", "id")
    )


def _give_decoys(found: Iterable[Source]) -> None:
    rows = list(found)
    versions = {a.exercise_version_id for row in rows for a in row.assignments}
    decoys: dict[UUID, set[str]] = {}
    flaws = Flaw.objects.filter(version__in=versions, is_decoy=True)
    for version, slug in flaws.values_list("version_id", "slug"):
        decoys.setdefault(version, set()).add(slug)
    for row in rows:
        row.decoys = {
            a.pk: decoys.get(a.exercise_version_id, set())
            for a in row.assignments
            if a.exercise_version_id
        }
