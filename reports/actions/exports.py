"""PDFs: asked for once, made once whatever dies, retried, cancelled, deleted."""

from collections.abc import Iterable
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import ledger
from accounts.models import User
from candidates.models import Application
from lib import work
from lib.errors import Refused
from lib.work import WorkStatus
from reports import data, files
from reports.models import KEPT_FOR, Export, Paper, Preset, Report
from screening.models import Scorecard
from screening.queries.results import panels
from screening.rules import may

TASK = "reports.render"
MOST = 250
OPEN = (WorkStatus.QUEUED, WorkStatus.RUNNING)


def request_export(
    *,
    by: User,
    applications: Iterable[Application],
    preset: str,
    codes_instead_of_names: bool,
    paper: str,
    nonce: UUID | None = None,
) -> Export:
    """Pin what the PDFs will say and queue them; the same nonce again gives the same export."""
    asked = list({application.pk: application for application in applications}.values())
    if preset not in Preset.values or paper not in Paper.values:
        raise Refused(_("Choose one of the given presets and papers."), code="invalid")
    try:
        with transaction.atomic():
            return _request(
                by=by,
                asked=asked,
                preset=preset,
                codes_instead_of_names=codes_instead_of_names,
                paper=paper,
                nonce=nonce,
            )
    except IntegrityError:
        made = _same(by, nonce)
        if made is None:
            raise
        return made


def _same(by: User, nonce: UUID | None) -> Export | None:
    return Export.objects.filter(requested_by=by, nonce=nonce).first() if nonce else None


def _request(
    *,
    by: User,
    asked: list[Application],
    preset: str,
    codes_instead_of_names: bool,
    paper: str,
    nonce: UUID | None,
) -> Export:
    made = _same(by, nonce)
    if made is not None:
        return made
    if len(asked) > MOST:
        raise Refused(_("Choose at most %(n)d candidates at once.") % {"n": MOST}, code="too_many")
    ready, skipped = _sorted_out(by, asked)
    if not ready:
        raise Refused(_nothing(skipped), code="nothing_to_export")
    jobs = {application.job_id: application.job for application in ready}
    export = Export.objects.create(
        requested_by=by,
        job=next(iter(jobs.values())) if len(jobs) == 1 else None,
        preset=preset,
        codes_instead_of_names=codes_instead_of_names,
        paper=paper,
        skipped=skipped,
        nonce=nonce,
    )
    pinned = data.build(
        ready,
        by=by,
        at=timezone.now(),
        preset=preset,
        codes_instead_of_names=codes_instead_of_names,
        paper=paper,
    )
    reports = Report.objects.bulk_create(
        Report(export=export, application=application, data=pinned[application.pk])
        for application in ready
    )
    ledger.record("request_export", by=by, on=export, job=export.job)
    work.publish(TASK, *(report.pk for report in reports))
    return export


def _sorted_out(
    by: User, asked: list[Application]
) -> tuple[list[Application], list[dict[str, str]]]:
    """What can be exported, and what not with the reason.

    Whoever owes a scorecard is told that and nothing else: neither who has submitted nor how many.
    """
    owed = set(Scorecard.objects.owed_by(by).values_list("assignment__application_id", flat=True))
    panel = panels(asked)
    ready, skipped = [], []
    for application in asked:
        code = application.code
        if application.pk in owed:
            why = _("%(code)s waits for your own scorecard.")
        elif not may(by, "export.request", application):
            raise Refused(_("There is no such candidate among yours."), code="not_found")
        elif not panel[application.pk].submitted:
            why = _("%(code)s has no submitted scorecard.")
        elif not panel[application.pk].is_open:
            why = _("%(code)s has scorecards that are still due; its debrief is not open yet.")
        else:
            ready.append(application)
            continue
        skipped.append({"code": code, "why": why % {"code": code}})
    return ready, skipped


def _nothing(skipped: list[dict[str, str]]) -> str:
    if not skipped:
        return _("Choose at least one candidate.")
    reasons = " ".join(row["why"] for row in skipped[:3])
    return _("Nothing to export yet. %(reasons)s Try again when the scorecards are in.") % {
        "reasons": reasons
    }


def cancel_export(*, by: User, export: Export) -> Export:
    """Stop what is not made yet; what is made stays."""
    with transaction.atomic():
        _own(by, export)
        reports = export.reports.filter(status__in=OPEN).values_list("pk", flat=True)
        if not sum(work.cancel(Report, pk) for pk in list(reports)):
            raise Refused(_("Every PDF of this export has ended already; delete it instead."))
        Export.objects.filter(pk=export.pk, cancelled_at=None).update(
            cancelled_at=Now(), updated_at=Now()
        )
        settle(export.pk)
        ledger.record("cancel_export", by=by, on=export, job=export.job, changed=["status"])
    export.refresh_from_db()
    return export


def retry_report(*, by: User, report: Report) -> Report:
    """Make a failed PDF again, from what was pinned when it was asked for."""
    with transaction.atomic():
        export = report.export
        _own(by, export)
        if not may(by, "export.request", report.application):
            raise Refused(_("You may no longer export this candidate."), code="forbidden")
        failed = Report.objects.filter(status=WorkStatus.FAILED)
        if export.expired_at or not work.requeue(failed, report.pk):
            raise Refused(_("Only a PDF that failed can be tried again. Ask for a new export."))
        Export.objects.filter(pk=export.pk).update(expires_at=None, updated_at=Now())
        ledger.record("retry_report", by=by, on=export, job=export.job)
        work.publish(TASK, report.pk)
    report.refresh_from_db()
    return report


def delete_export(*, by: User, export: Export) -> Export:
    """Remove the files and what they said, at once and for good; that it existed stays."""
    with transaction.atomic():
        _own(by, export)
        if _expire(export):
            ledger.record("delete_export", by=by, on=export, job=export.job, changed=["files"])
    export.refresh_from_db()
    return export


def _own(by: User, export: Export) -> None:
    if export.requested_by_id != by.pk:
        raise Refused(_("There is no such export among yours."), code="not_found")


def _expire(export: Export) -> bool:
    """No PDF of it can be read or made any more. A worker that is at it finds no row to finish."""
    reports = Report.objects.filter(export=export)
    for pk in reports.filter(status__in=OPEN).values_list("pk", flat=True):
        work.cancel(Report, pk)
    names = list(reports.exclude(file="").values_list("file", flat=True))
    reports.filter(status=WorkStatus.SUCCEEDED).update(status=WorkStatus.EXPIRED)
    reports.update(file="", data={}, updated_at=Now())
    transaction.on_commit(lambda: files.remove(names))
    return bool(
        Export.objects.filter(pk=export.pk, expired_at=None).update(
            expired_at=Now(), updated_at=Now()
        )
    )


def settle(export: UUID) -> None:
    """When the last PDF has ended, the days begin in which the files are kept."""
    still = Report.objects.filter(export=OuterRef("pk"), status__in=OPEN)
    ended = Export.objects.filter(~Exists(still), pk=export, expires_at=None, expired_at=None)
    with transaction.atomic():
        if ended.update(expires_at=Now() + KEPT_FOR, updated_at=Now()):
            row = Export.objects.select_related("job").get(pk=export)
            ledger.record("finish_export", by=None, on=row, job=row.job, changed=["status"])


def sweep() -> work.Swept:
    """Publish again what got lost, fail what used up its attempts, end what has ended."""
    swept = work.sweep(Report, TASK)
    open_ones = Report.objects.filter(export=OuterRef("pk"), status__in=OPEN)
    unsettled = Export.objects.filter(~Exists(open_ones), expires_at=None, expired_at=None)
    for pk in unsettled.values_list("pk", flat=True)[: work.SWEEP_SIZE]:
        settle(pk)
    return swept


def tidy() -> int:
    """Expire what was kept long enough and remove files no row points to; how many files went."""
    for export in Export.objects.filter(expires_at__lt=Now(), expired_at=None):
        with transaction.atomic():
            if _expire(export):
                ledger.record("expire_export", by=None, on=export, job=export.job)
    found = list(files.leftovers())
    # Read after the listing: a file that is finished in between is known by then.
    known = set(Report.objects.exclude(file="").values_list("file", flat=True))
    lost = [name for name in found if name not in known]
    files.remove(lost)
    return len(lost)
