"""When a debrief opens: once it can no longer give away to anybody what the others have said."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from candidates.models import Application
from screening.models import AssignmentStatus, Scorecard, ScorecardStatus


@dataclass
class Panel:
    """How many scorecards of an application are in, and since when all may be compared."""

    due: int = 0
    submitted_at: list[datetime] = field(default_factory=list)
    missing: list[datetime | None] = field(default_factory=list)

    @property
    def submitted(self) -> int:
        return len(self.submitted_at)

    @property
    def is_complete(self) -> bool:
        return bool(self.submitted_at) and not self.missing

    @property
    def opened_at(self) -> datetime | None:
        """When it opened; None while it is shut. A missing scorecard without a date keeps it so."""
        if not self.submitted_at or None in self.missing:
            return None
        if not self.missing:
            return max(self.submitted_at)
        opened = max([min(self.submitted_at), *(at for at in self.missing if at)])
        return opened if opened <= timezone.now() else None

    @property
    def is_open(self) -> bool:
        return self.opened_at is not None


def panels(applications: Iterable[Application]) -> dict[UUID, Panel]:
    """Where the panel of each application stands, in one query."""
    found = {application.pk: Panel() for application in applications}
    rows = (
        Scorecard.objects.filter(assignment__application__in=list(found))
        .exclude(status=ScorecardStatus.DECLINED)
        .exclude(assignment__status=AssignmentStatus.CANCELLED)
        .values_list("assignment__application_id", "status", "submitted_at", "due_at")
    )
    for application, status, submitted_at, due_at in rows:
        panel = found[application]
        panel.due += 1
        if status == ScorecardStatus.DRAFT:
            panel.missing.append(due_at)
        else:
            panel.submitted_at.append(submitted_at or due_at or timezone.now())
    return found


def debrief_is_open(application: Application) -> bool:
    """Whether every due scorecard is in, or all that are missing are past their date."""
    return panels([application])[application.pk].is_open
