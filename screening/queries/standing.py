"""Where each application stands, and who is waited for.

Whoever owes a scorecard for an application is told no more of its panel than that it was asked:
neither who has submitted, nor that all have, nor that it was decided.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from candidates.models import Application, ApplicationStatus
from screening.models import (
    Assignment,
    AssignmentStatus,
    Conflict,
    Decision,
    Invitation,
    Mode,
    Scorecard,
    ScorecardStatus,
)

STATES = ("planned", "invited", "working", "handed_in", "scored", "decided")
DONE = (AssignmentStatus.HANDED_IN, AssignmentStatus.SCORED)
STARTED = (AssignmentStatus.WORKING, *DONE)


def state_label(state: str) -> str:
    return {
        "planned": _("planned"),
        "invited": _("invited"),
        "working": _("working"),
        "handed_in": _("handed in"),
        "scored": _("scored"),
        "decided": _("decided"),
    }[state]


def open_to(user: User) -> QuerySet[Application]:
    """Applications this user works on; a declared conflict closes them, whatever the role."""
    conflict = Conflict.objects.filter(user=user, application=OuterRef("pk"))
    return Application.objects.visible_to(user).exclude(Exists(conflict))


def owed_by(user: User) -> set[UUID]:
    """Applications for which this user still owes a scorecard."""
    return set(Scorecard.objects.owed_by(user).values_list("assignment__application_id", flat=True))


def with_standing(applications: QuerySet[Application]) -> QuerySet[Application]:
    """Everything `standing` reads, at a constant number of queries."""
    scorecards = (
        Scorecard.objects.select_related("interviewer")
        .defer("fields", "summary", "flaws", "catches")
        .exclude(status=ScorecardStatus.DECLINED)
        .order_by("created_at", "id")
    )
    assignments = (
        Assignment.objects.live()
        .select_related("exercise_version")
        .defer("exercise_version__artefacts", "exercise_version__brief_html")
        .order_by("position", "id")
        .prefetch_related(Prefetch("scorecards", queryset=scorecards))
    )
    decided = Decision.objects.filter(application=OuterRef("pk"))
    return (
        applications.select_related("candidate", "job__level", "invitation")
        .annotate(is_decided=Exists(decided))
        .prefetch_related(Prefetch("assignments", queryset=assignments, to_attr="steps"))
    )


@dataclass(frozen=True)
class Step:
    """One assignment as this viewer may know it."""

    assignment: Assignment
    status: str
    panel: Sequence[Scorecard]
    is_blind: bool

    @property
    def label(self) -> str:
        return str(AssignmentStatus(self.status).label)

    @property
    def missing(self) -> int:
        """Interviewers still to be asked."""
        return max(0, self.assignment.interviewers_needed - len(self.panel))

    @property
    def outstanding(self) -> list[Scorecard]:
        if self.is_blind:
            return []
        return [card for card in self.panel if card.status == ScorecardStatus.DRAFT]

    @property
    def submitted(self) -> int:
        return len(self.panel) - len(self.outstanding)

    @property
    def can_be_judged(self) -> bool:
        return self.assignment.mode == Mode.LIVE or self.status in DONE

    @property
    def count(self) -> str:
        """Scorecards in, for those who may know."""
        if self.is_blind or not self.panel:
            return ""
        return _("%(n)d of %(m)d scorecards") % {"n": self.submitted, "m": len(self.panel)}


@dataclass(frozen=True)
class Standing:
    application: Application
    state: str
    steps: Sequence[Step]
    is_blind: bool

    @property
    def label(self) -> str:
        if self.application.status != ApplicationStatus.IN_PROCESS:
            return str(self.application.get_status_display())
        return state_label(self.state)

    @property
    def invitation(self) -> Invitation | None:
        return getattr(self.application, "invitation", None)

    @property
    def outstanding(self) -> list[Scorecard]:
        return [card for step in self.steps for card in step.outstanding if step.can_be_judged]

    @property
    def needs_link(self) -> bool:
        """Whether there is still something to do at home."""
        return self.application.status == ApplicationStatus.IN_PROCESS and any(
            step.assignment.mode == Mode.TAKE_HOME and step.status not in DONE
            for step in self.steps
        )

    @property
    def completed_at(self) -> datetime | None:
        """When the last scorecard came in, once all are in."""
        if self.state not in {"scored", "decided"}:
            return None
        times = [c.submitted_at for s in self.steps for c in s.panel if c.submitted_at]
        return max(times, default=None)

    @property
    def waits_for(self) -> str:
        """Whose turn it is, in words; empty when it is nobody's."""
        if self.application.status != ApplicationStatus.IN_PROCESS or self.state == "decided":
            return ""
        if not self.steps:
            return _("the loop to be assigned")
        if self.state == "scored":
            return _("the debrief")
        return self._candidate() or self._panel()

    def _candidate(self) -> str:
        home = [s for s in self.steps if s.assignment.mode == Mode.TAKE_HOME]
        statuses = {step.status for step in home}
        if AssignmentStatus.PLANNED in statuses:
            return _("the link to be sent")
        if not statuses & {AssignmentStatus.INVITED, AssignmentStatus.WORKING}:
            return ""
        if self.invitation is None or not self.invitation.is_live:
            return _("a new link: the last has ended")
        if self.invitation.opened_at is None:
            return _("the candidate: link not opened")
        return _("the candidate")

    def _panel(self) -> str:
        missing = sum(step.missing for step in self.steps)
        if missing:
            return ngettext("%d interviewer", "%d interviewers", missing) % missing
        if self.is_blind:
            return _("the panel")
        names = dict.fromkeys(card.interviewer.get_short_name() for card in self.outstanding)
        return ", ".join(names) or _("the panel")


def _state(steps: Sequence[Step], *, is_decided: bool) -> str:
    if is_decided:
        return "decided"
    statuses = {step.status for step in steps}
    home = {step.status for step in steps if step.assignment.mode == Mode.TAKE_HOME}
    if not statuses or statuses == {AssignmentStatus.PLANNED}:
        return "planned"
    if statuses == {AssignmentStatus.SCORED}:
        return "scored"
    if home <= set(DONE):
        return "handed_in"
    return "working" if statuses & set(STARTED) else "invited"


def _status(row: Assignment, *, is_blind: bool) -> AssignmentStatus:
    """A conversation is never handed in: to whoever is blind, that it is would tell of a score."""
    if not is_blind or row.status not in DONE:
        return AssignmentStatus(row.status)
    return AssignmentStatus.PLANNED if row.mode == Mode.LIVE else AssignmentStatus.HANDED_IN


def standing(application: Application, *, owed: set[UUID]) -> Standing:
    """Where one application (from `with_standing`) stands, as far as this viewer may know."""
    is_blind = application.pk in owed
    steps = [
        Step(
            assignment=row,
            status=_status(row, is_blind=is_blind),
            panel=list(row.scorecards.all()),
            is_blind=is_blind,
        )
        for row in application.steps  # type: ignore[attr-defined]
    ]
    is_decided = application.is_decided and not is_blind  # type: ignore[attr-defined]
    state = _state(steps, is_decided=is_decided)
    return Standing(application=application, state=state, steps=steps, is_blind=is_blind)


def standings(applications: Iterable[Application], *, owed: set[UUID]) -> list[Standing]:
    return [standing(application, owed=owed) for application in applications]


def counts(rows: Iterable[Standing]) -> dict[str, int]:
    """How many stand where, every state named."""
    found = dict.fromkeys(STATES, 0)
    for row in rows:
        found[row.state] += 1
    return found


def is_late(card: Scorecard) -> bool:
    return card.due_at is not None and card.due_at < timezone.now()
