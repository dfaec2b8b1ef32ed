"""Exports as their owner sees them, and who could be exported, at constant query counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Max, Min, Q, QuerySet, Sum
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from candidates.models import Application, Job
from lib.work import WorkStatus
from reports.models import KEPT_FOR, Export, Report
from screening.queries.results import Panel, panels
from screening.queries.standing import open_to, owed_by

SHOWN_FOR = timedelta(days=30)
STUCK_AFTER = timedelta(seconds=20)


@dataclass(frozen=True)
class Row:
    """An export with the counts of its reports."""

    export: Export
    total: int
    made: int
    failed: int
    running: int
    queued: int
    dead: int
    size: int
    first_code: str
    touched_at: datetime | None

    @property
    def status(self) -> str:
        if self.export.expired_at:
            return WorkStatus.EXPIRED.value
        if self.is_open:
            waits = self.queued == self.total
            return WorkStatus.QUEUED.value if waits else WorkStatus.RUNNING.value
        if self.export.cancelled_at:
            return WorkStatus.CANCELLED.value
        return WorkStatus.SUCCEEDED.value if self.made else WorkStatus.FAILED.value

    @property
    def is_open(self) -> bool:
        return bool(self.running or self.queued)

    @property
    def can_download(self) -> bool:
        return bool(self.made) and not self.is_open and not self.export.expired_at

    @property
    def percent(self) -> int:
        return 100 * self.made // self.total if self.total else 0

    @property
    def quarter(self) -> int:
        """The last quarter reached, for the one who listens."""
        return self.percent // 25 * 25

    @property
    def is_stuck(self) -> bool:
        """Nothing moves: it is queued and untouched, or its worker's lease ran out."""
        if not self.is_open:
            return False
        still = self.touched_at and timezone.now() - self.touched_at > STUCK_AFTER
        return bool(self.dead or (not self.running and still))

    @property
    def seconds_left(self) -> int | None:
        """By the pace so far; None before there is one."""
        if self.made < 2 or not self.is_open:
            return None
        passed = (timezone.now() - self.export.created_at).total_seconds()
        return max(1, round(passed / self.made * (self.running + self.queued)))

    @property
    def poll_seconds(self) -> int:
        young = timezone.now() - self.export.created_at < timedelta(minutes=1)
        return 1 if young else 3

    @property
    def finished_at(self) -> datetime | None:
        return self.export.expires_at - KEPT_FOR if self.export.expires_at else None

    @property
    def what(self) -> str:
        job = str(self.export.job) if self.export.job else _("several jobs")
        return f"{self.first_code}, {job}" if self.total == 1 else job

    @property
    def how(self) -> str:
        parts = [str(self.export.get_preset_display())]
        if self.export.codes_instead_of_names:
            parts.append(_("codes"))
        return " · ".join(parts)

    @property
    def problems(self) -> str:
        """The first thing that went wrong, in words."""
        return str(self.export.skipped[0]["why"]) if self.export.skipped else ""

    @property
    def pdfs(self) -> str:
        return ngettext("%(n)d PDF", "%(n)d PDFs", self.total) % {"n": self.total}


def _counted(exports: QuerySet[Export]) -> QuerySet[Export]:
    def count(**status: object) -> Count:
        return Count("reports", filter=Q(**{f"reports__{k}": v for k, v in status.items()}))

    return (
        exports.select_related("job__level", "requested_by")
        .annotate(
            total=Count("reports"),
            made=count(status__in=(WorkStatus.SUCCEEDED, WorkStatus.EXPIRED)),
            failed=count(status=WorkStatus.FAILED),
            running=count(status=WorkStatus.RUNNING),
            queued=count(status=WorkStatus.QUEUED),
            dead=count(status=WorkStatus.RUNNING, lease_until__lt=Now()),
            size=Sum("reports__size"),
            first_code=Min("reports__application__code"),
            touched_at=Max("reports__updated_at"),
        )
        .order_by("-created_at", "-id")
    )


_FIELDS = ("total", "made", "failed", "running", "queued", "dead", "first_code", "touched_at")


def _row(export: Export) -> Row:
    counts = {name: getattr(export, name) for name in _FIELDS}
    return Row(export=export, size=getattr(export, "size", 0) or 0, **counts)


def running(user: User) -> list[Row]:
    """What is being made for this user."""
    exports = Export.objects.visible_to(user).filter(
        Q(reports__status=WorkStatus.QUEUED) | Q(reports__status=WorkStatus.RUNNING)
    )
    own = Export.objects.filter(pk__in=exports.values("pk"), expired_at=None)
    return rows(_counted(own))


def ended(user: User) -> QuerySet[Export]:
    """What has ended, newest first; `rows` makes a page of it readable."""
    open_ones = Report.objects.filter(status__in=(WorkStatus.QUEUED, WorkStatus.RUNNING))
    return _counted(
        Export.objects.visible_to(user)
        .filter(created_at__gt=timezone.now() - SHOWN_FOR)
        .exclude(pk__in=open_ones.values("export"))
    )


def rows(exports: Sequence[Export] | QuerySet[Export]) -> list[Row]:
    return [_row(export) for export in exports]


def row_of(user: User, pk: UUID) -> Row | None:
    export = _counted(Export.objects.visible_to(user).filter(pk=pk)).first()
    return _row(export) if export else None


def reports_of(export: Export) -> QuerySet[Report]:
    return (
        Report.objects.filter(export=export)
        .select_related("application__job__level", "application__candidate", "export")
        .defer("data")
        .order_by("application__code")
    )


@dataclass(frozen=True)
class Choice:
    """Somebody who could be exported, or why not."""

    application: Application
    state: str

    @property
    def is_ready(self) -> bool:
        return self.state == "scored"

    @property
    def words(self) -> str:
        return {
            "scored": _("scored"),
            "owed": _("needs your scorecard"),
            "due": _("scorecards due"),
            "none": _("no scorecard"),
        }[self.state]


def jobs(user: User) -> QuerySet[Job]:
    """Jobs with a loop whose candidates this user may export, with their number."""
    return (
        Job.objects.managed_by(user)
        .filter(loop__isnull=False)
        .select_related("level")
        .annotate(candidates=Count("applications"))
        .order_by("-created_at", "id")
    )


def choices(user: User, applications: QuerySet[Application]) -> list[Choice]:
    """Each with its state; who owes a scorecard learns nothing of the others'."""
    asked = list(applications.select_related("job__level", "candidate").order_by("code"))
    panel, owed = panels(asked), owed_by(user)
    made = [Choice(a, _state(a, panel[a.pk], owed)) for a in asked]
    return sorted(made, key=lambda choice: (not choice.is_ready, choice.application.code))


def _state(application: Application, panel: Panel, owed: set[UUID]) -> str:
    if application.pk in owed:
        return "owed"
    if not panel.submitted:
        return "none"
    return "scored" if panel.is_open else "due"


def of_job(user: User, job: Job) -> QuerySet[Application]:
    return open_to(user).filter(job=job)


def chosen(user: User, ids: Sequence[str]) -> QuerySet[Application]:
    return open_to(user).filter(pk__in=ids)
