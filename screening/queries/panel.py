"""Who could judge an assignment: by load, never with a conflict, never after reading the others."""

from collections.abc import Set
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Event, User
from candidates.models import Application, TeamMember, TeamRole
from screening.models import Assignment, AssignmentStatus, Conflict, Scorecard, ScorecardStatus

# Reads in the ledger after which somebody can no longer judge blind; they name the application.
READS = ("read_scorecards", "read_results", "read_debrief")


def has_read_results(*, user: User, application: Application) -> bool:
    """Whether this person has read scorecards or results of the application."""
    return Event.objects.filter(
        by=user,
        is_read=True,
        verb__in=READS,
        object_type="application",
        object_id=application.pk,
    ).exists()


@dataclass(frozen=True)
class Proposal:
    """Somebody who could be asked, and how much they have on their table."""

    user: User
    open_scorecards: int

    @property
    def load(self) -> str:
        if not self.open_scorecards:
            return _("nothing open")
        return ngettext("%d open", "%d open", self.open_scorecards) % self.open_scorecards


def open_load(owed: Set[UUID]) -> Count:
    """Scorecards an interviewer still owes, whatever the job.

    For applications the viewer owes a scorecard for, submitted ones count on as open: a number
    that drops would tell who has handed in.
    """
    application = "scorecards__assignment__application"
    draft = Q(scorecards__status=ScorecardStatus.DRAFT)
    hidden = Q(**{f"{application}__in": owed}) & Q(scorecards__status=ScorecardStatus.SUBMITTED)
    live = ~Q(scorecards__assignment__status=AssignmentStatus.CANCELLED)
    return Count("scorecards", filter=(draft | hidden) & live, distinct=True)


def fit_interviewers(application: Application, *, owed: Set[UUID] = frozenset()) -> list[Proposal]:
    """The team's interviewers who may judge this application, least loaded first."""
    here = TeamMember.objects.filter(
        job=application.job_id, role=TeamRole.INTERVIEWER, user=OuterRef("pk")
    )
    conflict = Conflict.objects.filter(application=application, user=OuterRef("pk"))
    has_read = Event.objects.filter(
        by=OuterRef("pk"),
        is_read=True,
        verb__in=READS,
        object_type="application",
        object_id=application.pk,
    )
    people = (
        User.objects.filter(Exists(here), is_active=True)
        .exclude(Exists(conflict))
        .exclude(Exists(has_read))
        .annotate(load=open_load(owed))
        .order_by("load", "name", "pk")
    )
    return [Proposal(user=person, open_scorecards=person.load) for person in people]


def proposals_for(assignment: Assignment, *, owed: Set[UUID] = frozenset()) -> list[Proposal]:
    """Those who fit and were not asked for this assignment yet; who declined was asked."""
    asked = set(
        Scorecard.objects.filter(assignment=assignment).values_list("interviewer_id", flat=True)
    )
    fit = fit_interviewers(assignment.application, owed=owed)
    return [proposal for proposal in fit if proposal.user.pk not in asked]
