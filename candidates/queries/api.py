"""The rows behind the API's jobs, candidates and applications, as plain dicts.

`values()` instead of objects: a list of 200 costs a third.
"""

from collections import defaultdict
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet, TextField
from django.db.models.functions import Cast
from orjson import Fragment

from accounts.models import User
from candidates.models import Application, Candidate, ExternalId, Job
from lib.database import Among
from lib.rest.query import refuse

Row = dict[str, Any]
Rows = QuerySet[Any]

LIFE = ("source_updated_at", "version", "created_at", "updated_at")
JOB = ("id", "title", "department", "requirements", "status", "is_confidential", *LIFE)
CANDIDATE = (
    *("id", "first_name", "last_name", "preferred_name", "title", "company", "time_zone"),
    *("is_private", *LIFE),
)
# Stored as JSON and given as JSON: passed on as it is, neither read nor written again.
CONTACTS = ("emails", "phones", "links")
APPLICATION = ("id", "job_id", "candidate_id", "code", "status", "source", "applied_at", *LIFE)
# Empty text is null in the API: an absent value has one spelling.
NULLS = {
    "job": ("department", "requirements"),
    "candidate": ("last_name", "preferred_name", "title", "company", "time_zone"),
    "application": ("source",),
}


def jobs(user: User) -> Rows:
    return Job.objects.visible_to(user)


def candidates(user: User) -> Rows:
    """Whom this user may know by name; a declared conflict closes the whole person."""
    return Candidate.objects.visible_to(user).exclude(applications__conflicts__user=user)


def applications(user: User) -> Rows:
    return Application.objects.visible_to(user).exclude(conflicts__user=user)


def job_rows(found: Rows) -> Rows:
    return found.values(*JOB, level_key=F("level__key"))


def candidate_rows(found: Rows) -> Rows:
    as_text = {f"{name}_json": Cast(name, TextField()) for name in CONTACTS}
    return found.values(*CANDIDATE, **as_text)


def application_rows(found: Rows) -> Rows:
    return found.values(*APPLICATION)


def jobs_out(rows: list[Row], user: User) -> list[Row]:
    """Jobs without their stages, which live above this app.

    Who only interviews for a job learns its title and level.
    """
    shown = _finished("job", rows)
    is_house = user.is_recruiter or user.is_admin
    managed = {row["id"] for row in shown if is_house and not row["is_confidential"]}
    if pks := [row["id"] for row in shown if row["id"] not in managed]:
        found = Job.objects.managed_by(user).filter(pk__in=pks)
        managed.update(found.values_list("pk", flat=True))
    for row in shown:
        row["level"] = row.pop("level_key")
        row["stages"] = []
        if row["id"] not in managed:
            row |= {"department": None, "requirements": None, "external_ids": []}
    return shown


def candidates_out(rows: list[Row]) -> list[Row]:
    shown = _finished("candidate", rows)
    for row in shown:
        row["merged_into"] = None
        for name in CONTACTS:
            row[name] = Fragment(row.pop(f"{name}_json"))
    return shown


def applications_out(rows: list[Row]) -> list[Row]:
    return _finished("application", rows)


def _finished(kind: str, rows: list[Row]) -> list[Row]:
    known = _external_ids(kind, [row["id"] for row in rows])
    for row in rows:
        row["external_ids"] = known.get(row["id"], [])
        row["deleted_at"] = None
        for name in NULLS[kind]:
            row[name] = row[name] or None
    return rows


def _external_ids(kind: str, pks: list[UUID]) -> dict[UUID, list[Row]]:
    found = defaultdict(list)
    rows = ExternalId.objects.filter(Among(f"{kind}_id", pks)).order_by("source", "value")
    for pk, source, value in rows.values_list(f"{kind}_id", "source", "value"):
        found[pk].append({"source": source, "id": value})
    return found


def narrow(
    lookups: dict[str, str], *, kind: str, user: User
) -> Callable[[Rows, dict[str, Any]], Rows]:
    """Filters by these look-ups, by job and by what another system calls the row."""

    def apply(rows: Rows, asked: dict[str, Any]) -> Rows:
        rows = rows.filter(
            **{lookups[name]: value for name, value in asked.items() if name in lookups}
        )
        if kind == "candidate" and "job_id" in asked:
            # Through what may be read: else one could ask for a confidential job's people.
            applied = applications(user).filter(job=asked["job_id"])
            rows = rows.filter(pk__in=applied.values("candidate"))
        source, value = _external(asked)
        if source is not None:
            named = {"source": source, "value": value, f"{kind}__isnull": False}
            rows = rows.filter(pk__in=ExternalId.objects.filter(**named).values(f"{kind}_id"))
        return rows

    return apply


def _external(asked: dict[str, Any]) -> tuple[str | None, str | None]:
    source, value = asked.get("external_source"), asked.get("external_id")
    if (source is None) != (value is None):
        missing = "external_id" if value is None else "external_source"
        raise refuse(missing, "required", "external_source and external_id go together.")
    return source, value
