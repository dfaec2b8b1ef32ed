"""What an ATS says of jobs, people and applications, under its own ids."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from candidates.actions.jobs import create_job, update_job
from candidates.actions.people import (
    apply,
    create_candidate,
    set_application_status,
    update_candidate,
)
from candidates.models import Application, Candidate, ExternalId, Job
from lib.errors import Refused

Facts = dict[str, Any]


@dataclass(frozen=True)
class Upsert:
    """How a PUT ended: created, updated, unchanged or stale."""

    row: Any
    result: str


def find_external(kind: str, source: str, value: str) -> Any | None:
    """The job, candidate or application another system calls so."""
    found = (
        ExternalId.objects.filter(source=source, value=value, **{f"{kind}__isnull": False})
        .select_related(kind)
        .first()
    )
    return getattr(found, kind) if found else None


def upsert_job(*, by: User, source: str, value: str, facts: Facts) -> Upsert:
    return _upsert(
        kind="job",
        key=(source, value),
        facts=facts,
        create=lambda given: create_job(by=by, **given),
        update=lambda job, given: update_job(by=by, job=job, **given),
    )


def upsert_candidate(*, by: User, source: str, value: str, facts: Facts) -> Upsert:
    return _upsert(
        kind="candidate",
        key=(source, value),
        facts=facts,
        create=lambda given: create_candidate(by=by, **{"last_name": "", **given}),
        update=lambda person, given: update_candidate(by=by, candidate=person, **given),
    )


def upsert_application(*, by: User, source: str, value: str, facts: Facts) -> Upsert:
    return _upsert(
        kind="application",
        key=(source, value),
        facts=facts,
        create=lambda given: create_application(by=by, **given),
        update=lambda application, given: _update_application(by, application, given),
    )


@transaction.atomic
def create_application(
    *, by: User | None, job: Job, candidate: Candidate, status: str = "", **facts: Any
) -> Application:
    """Apply, and take over a status that the ATS already knows."""
    given = {name: facts[name] for name in ("source", "applied_at") if facts.get(name)}
    application = apply(by=by, job=job, candidate=candidate, **given)
    if status:
        set_application_status(by=by, application=application, status=status)
    return application


def _update_application(by: User, application: Application, given: Facts) -> Application:
    for name in ("job", "candidate"):
        if name in given and given[name] != getattr(application, name):
            raise Refused(
                _("An application stays with its job and candidate. Use another external id."),
                code="conflict",
            )
    if given.get("status"):
        set_application_status(by=by, application=application, status=given["status"])
    return application


def _upsert(
    *,
    kind: str,
    key: tuple[str, str],
    facts: Facts,
    create: Callable[[Facts], models.Model],
    update: Callable[[Any, Facts], Any],
) -> Upsert:
    """Two clients with one new key at once: one row; the loser's write becomes an update."""
    source, value = key
    row = find_external(kind, source, value)
    if row is None:
        try:
            with transaction.atomic():
                made = create(facts)
                ExternalId.objects.create(source=source, value=value, **{kind: made})
                return Upsert(made, "created")
        except IntegrityError:
            row = find_external(kind, source, value)
            if row is None:
                raise
    return _update(row, facts, update)


@transaction.atomic
def _update(row: Any, facts: Facts, update: Callable[[Any, Facts], Any]) -> Upsert:
    if _is_stale(row, facts.get("source_updated_at")):
        return Upsert(row, "stale")
    before = row.version
    changed = update(row, facts)
    return Upsert(changed, "updated" if changed.version != before else "unchanged")


def _is_stale(row: Any, at: datetime | None) -> bool:
    """Older news than what is stored: workers and webhooks arrive out of order."""
    stored = getattr(row, "source_updated_at", None)
    return bool(at and stored and at < stored)
