"""A table of candidates on its way in: kept, mapped, imported once."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import ledger
from accounts.models import User
from candidates.actions.bulk import NewPerson, apply_all
from candidates.models import Job, JobStatus
from integrations.models import CsvImport
from integrations.queries import LOOP_AT_ONCE, NO_NAME, Plan, is_mapped, plan_of
from integrations.rows import LABELS, Mapping, Person, guess
from integrations.tables import decode, read
from lib.errors import Refused
from screening.actions.assignments import assign_loop

KEEP = timedelta(days=1)


def _gone() -> Refused:
    return Refused(_("An uploaded file is kept for a day. Choose the file again."))


def _check_open(job: Job) -> None:
    if job.status == JobStatus.CLOSED:
        raise Refused(_("This job is closed. Open it again before adding candidates."))


def _check_mapped(mapping: Mapping) -> None:
    if not is_mapped(mapping):
        raise Refused(str(NO_NAME))


@transaction.atomic
def upload_csv(*, by: User, job: Job, name: str, data: bytes) -> CsvImport:
    """Keep a table that can be read, with a guess which column is which; no person is written."""
    _check_open(job)
    text = decode(data)
    mapping = guess(read(text).header)
    found = CsvImport.objects.create(
        job=job, uploaded_by=by, name=name[:120], text=text, mapping=mapping
    )
    ledger.record("upload_csv", by=by, on=found, job=job)
    return found


@transaction.atomic
def map_columns(*, by: User, csv_import: CsvImport, mapping: Mapping) -> CsvImport:
    """Say which column is which; the first name is needed, no column serves twice."""
    _check_mapped(mapping)
    columns = list(mapping.values())
    twice = [str(LABELS[name]) for name, column in mapping.items() if columns.count(column) > 1]
    if twice:
        raise Refused(
            _("%(fields)s point to the same column. Choose another one.")
            % {"fields": ", ".join(twice)}
        )
    changed = CsvImport.objects.filter(
        ~Q(text=""), pk=csv_import.pk, status=CsvImport.Status.UPLOADED
    ).update(mapping=mapping, updated_at=timezone.now())
    if not changed:
        raise _gone()
    ledger.record("map_columns", by=by, on=csv_import, job=csv_import.job, changed=["mapping"])
    csv_import.refresh_from_db(fields=["mapping"])
    return csv_import


@transaction.atomic
def run_import(*, by: User, csv_import: CsvImport, with_loop: bool = False) -> CsvImport:
    """Add who is new and right, all or nobody; asked twice, it is the same import."""
    # Two files for one job in turn, or the second would not know whom the first has added.
    job = Job.objects.select_for_update().get(pk=csv_import.job_id)
    found = CsvImport.objects.select_related("job__level").get(pk=csv_import.pk)
    text = found.text
    taken = CsvImport.objects.filter(pk=found.pk, status=CsvImport.Status.UPLOADED).update(
        status=CsvImport.Status.IMPORTED, text="", imported_at=timezone.now()
    )
    if not taken:
        return CsvImport.objects.get(pk=found.pk)
    if not text:
        raise _gone()
    _check_open(job)
    _check_mapped(found.mapping)
    plan = plan_of(found)
    _add(plan.new, by=by, job=found.job, with_loop=with_loop)
    CsvImport.objects.filter(pk=found.pk).update(**_outcome(plan), updated_at=timezone.now())
    ledger.record("run_import", by=by, on=found, job=job)
    return CsvImport.objects.get(pk=found.pk)


def _add(people: list[Person], *, by: User, job: Job, with_loop: bool) -> None:
    if with_loop and len(people) > LOOP_AT_ONCE:
        raise Refused(
            _("The loop can be assigned at once to %(n)s people. Import without it.")
            % {"n": LOOP_AT_ONCE}
        )
    applications = apply_all(
        by=by,
        job=job,
        people=[
            NewPerson(p.first_name, p.last_name, p.email, p.source, p.external_id) for p in people
        ],
        # Ids of a file mean something within its job only: the same id in another job's file must
        # not lead to that job's people.
        id_source=f"csv-{job.pk.hex[:28]}",
    )
    if with_loop:
        for application in applications:
            assign_loop(by=by, application=application)


def _outcome(plan: Plan) -> dict[str, object]:
    rows = [{"row": w.row, "problems": w.problems, "cells": w.cells} for w in plan.wrong]
    return {
        "created": len(plan.new),
        "known": len(plan.known),
        "left_out": len(rows),
        "leftover": {"header": plan.table.header, "rows": rows} if rows else {},
    }


@transaction.atomic
def forget_files() -> int:
    """Drop what is left of files older than a day; the counts stay."""
    return (
        CsvImport.objects.filter(created_at__lt=timezone.now() - KEEP)
        .exclude(text="", leftover={})
        .update(text="", leftover={})
    )
