"""Taking the demo away again, with everything that was done in it."""

from typing import Any
from uuid import UUID

from django.core.files.storage import default_storage
from django.db import models, transaction

from accounts.models import Event, User
from candidates.models import Application, Candidate, Job, TeamMember
from integrations.models import CsvImport
from reports.actions import delete_export
from reports.models import Export, Report
from screening.models import (
    Amendment,
    Assignment,
    Attachment,
    Conflict,
    Decision,
    Invitation,
    Loop,
    Rating,
    Scorecard,
    Submission,
)


def remove(*, by: User | None = None) -> int:
    """Delete the demo's jobs, people and all that hangs on them; how many jobs there were.

    Its users stay as closed accounts where the ledger names them: the ledger is never cut.
    """
    jobs = Job.objects.filter(is_demo=True)
    count = jobs.count()
    for export in Export.objects.filter(reports__application__job__in=jobs).distinct():
        delete_export(by=export.requested_by, export=export)
    with transaction.atomic():
        found = Application.objects.filter(job__in=jobs)
        people = list(found.values_list("candidate", flat=True))
        # By their ids: of rows just written PostgreSQL knows nothing yet, and plans subqueries in
        # subqueries so badly that one took longer than a statement may.
        applications = _ids(found)
        files = list(_attachments(applications).values_list("file", flat=True))
        for rows in _bottom_up(jobs, applications):
            rows.delete()
        Candidate.objects.filter(pk__in=people, applications=None).delete()
        jobs.delete()
        # Who has come to work on a real job keeps the account, and so does who asks for this.
        named = Event.objects.filter(by=models.OuterRef("pk"))
        users = User.objects.filter(is_demo=True, memberships=None)
        users = users.exclude(pk=by.pk) if by else users
        users.filter(~models.Exists(named)).delete()
        users.update(is_active=False)
    for name in files:
        default_storage.delete(name)
    return count


def _ids(rows: models.QuerySet[Any]) -> list[UUID]:
    return list(rows.values_list("pk", flat=True))


def _attachments(applications: list[UUID]) -> models.QuerySet[Attachment]:
    return Attachment.objects.filter(submission__assignment__application__in=applications)


def _bottom_up(
    jobs: models.QuerySet[Job], applications: list[UUID]
) -> list[models.QuerySet[models.Model]]:
    """Children before parents: nothing in the schema cascades into scores."""
    cards = _ids(Scorecard.objects.filter(assignment__application__in=applications))
    exports = _ids(Export.objects.filter(reports__application__in=applications).distinct())
    return [
        Amendment.objects.filter(rating__scorecard__in=cards),
        Rating.objects.filter(scorecard__in=cards),
        Scorecard.objects.filter(pk__in=cards),
        _attachments(applications),
        Submission.objects.filter(assignment__application__in=applications),
        Assignment.objects.filter(application__in=applications),
        Decision.objects.filter(application__in=applications),
        Conflict.objects.filter(application__in=applications),
        Invitation.objects.filter(application__in=applications),
        Report.objects.filter(application__in=applications),
        Export.objects.filter(pk__in=exports, reports=None),
        Application.objects.filter(pk__in=applications),
        CsvImport.objects.filter(job__in=jobs),
        Loop.objects.filter(job__in=jobs),
        TeamMember.objects.filter(job__in=jobs),
    ]
