"""What a worker does with one report: claim, look again whether it may, render, keep, finish."""

import errno
import hashlib
import logging
from uuid import UUID

from celery.exceptions import SoftTimeLimitExceeded
from django.db import InterfaceError, OperationalError, close_old_connections
from django.db.models import F
from django.utils.translation import gettext as _

from lib import work
from lib.work import WorkStatus
from reports import files, pdf
from reports.actions.exports import settle
from reports.models import Report
from screening.rules import may

logger = logging.getLogger(__name__)

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def render_report(report_id: UUID | str) -> bool:
    """Make the PDF if nobody else has it; True when this call made it. Safe to run twice."""
    token = work.claim(Report, report_id)
    if token is None:
        return False
    try:
        made = _work(report_id, token)
    except (OperationalError, InterfaceError):
        _give_back(report_id, token)
        return False
    except SoftTimeLimitExceeded:
        work.fail(Report, report_id, token, _("It took over 90 seconds. Read it on the pages."))
        made = False
    settle(Report.objects.values_list("export", flat=True).get(pk=report_id))
    return made


def _work(report_id: UUID | str, token: UUID) -> bool:
    report = Report.objects.select_related(
        "export__requested_by", "application__job", "application__candidate"
    ).get(pk=report_id)
    by = report.export.requested_by
    if not by.is_active or not may(by, "export.request", report.application):
        problem = _("Who asked for it may no longer export this candidate.")
        work.fail(Report, report.pk, token, problem)
        return False
    try:
        with work.Heartbeat(Report, report.pk, token):
            made = pdf.render(report.data)
            name = files.store(report.pk, token, made.content)
    except pdf.Unprintable as refused:
        work.fail(Report, report.pk, token, str(refused))
        return False
    except OSError as error:
        return _no_room(report, token, error)
    except (OperationalError, InterfaceError, SoftTimeLimitExceeded):
        raise
    except Exception:
        # A document that cannot be made must not be tried five times, nor stop the next one.
        logger.exception("report %s cannot be rendered", report.pk)
        work.fail(Report, report.pk, token, _("The PDF could not be made; the log has the error."))
        return False
    return _finish(report, token, name, made)


def _finish(report: Report, token: UUID, name: str, made: pdf.Pdf) -> bool:
    kept = work.finish(
        Report,
        report.pk,
        token,
        file=name,
        sha256=hashlib.sha256(made.content).hexdigest(),
        size=len(made.content),
        pages=made.pages,
    )
    if not kept:
        files.remove([name])
    return kept


def _no_room(report: Report, token: UUID, error: OSError) -> bool:
    """A full disk is nobody's fault: wait for room without using up an attempt."""
    if error.errno not in FULL:
        raise error
    logger.error("no room for report %s: %s", report.pk, error)
    if work.release(Report, report.pk, token):
        Report.objects.filter(pk=report.pk, status=WorkStatus.QUEUED, attempts__gt=0).update(
            attempts=F("attempts") - 1, problem=_("Waiting: the disk is full.")
        )
    return False


def _give_back(report_id: UUID | str, token: UUID) -> None:
    """The database went away: the sweeper publishes it again, at the latest by its lease."""
    logger.warning("report %s is put back", report_id, exc_info=True)
    close_old_connections()
    try:
        work.release(Report, report_id, token)
    except (OperationalError, InterfaceError):
        logger.warning("report %s waits for its lease to end", report_id)
