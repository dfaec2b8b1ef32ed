"""What an ATS says of jobs, people and applications, under its own ids."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import ledger
from accounts.models import User
from accounts.rules import reachable
from candidates import rules
from candidates.actions.jobs import create_job, update_job
from candidates.actions.people import (
    apply,
    create_candidate,
    set_application_status,
    update_candidate,
)
from candidates.models import Application, Candidate, ExternalId, Job
from candidates.queries import api as queries
from lib.errors import Refused

Facts = dict[str, Any]
# What else follows from a status, above this app; runs in the same transaction.
Then = Callable[..., None]


@dataclass(frozen=True)
class Upsert:
    """How a PUT ended: created, updated, unchanged or stale."""

    row: Any
    result: str


@dataclass(frozen=True)
class Kind:
    """One kind of thing an ATS owns. `create` tells whether the row is new."""

    name: str
    create: Callable[[User, Facts], tuple[Any, bool]]
    update: Callable[[User, Any, Facts], Any]
    may_write: Callable[[User, Any], bool]
    may_create: Callable[[User], bool]


def find_external(kind: str, source: str, value: str) -> Any | None:
    """The job, candidate or application another system calls so."""
    found = (
        ExternalId.objects.filter(source=source, value=value, **{f"{kind}__isnull": False})
        .select_related(kind)
        .first()
    )
    return getattr(found, kind) if found else None


def upsert_job(*, by: User, source: str, value: str, facts: Facts) -> Upsert:
    return _upsert(JOB, by=by, key=(source, value), facts=facts)


def upsert_candidate(*, by: User, source: str, value: str, facts: Facts) -> Upsert:
    return _upsert(CANDIDATE, by=by, key=(source, value), facts=facts)


@transaction.atomic
def upsert_application(
    *, by: User, source: str, value: str, facts: Facts, then: Then | None = None
) -> Upsert:
    done = _upsert(APPLICATION, by=by, key=(source, value), facts=facts)
    if then and done.result != "stale":
        then(by=by, application=done.row)
    return done


@transaction.atomic
def create_application(
    *, by: User, job: Job, candidate: Candidate, status: str = "", **facts: Any
) -> tuple[Application, bool]:
    """Apply, and take over a status that the ATS already knows; tells whether it is new."""
    if not rules.may(by, "application.write", job):
        raise Refused(_("You may not add applications to this job."), code="not_permitted")
    is_new = not Application.objects.filter(job=job, candidate=candidate).exists()
    given = {name: facts[name] for name in ("source", "applied_at") if facts.get(name)}
    application = apply(by=by, job=job, candidate=candidate, **given)
    if not is_new:
        return _update_application(by, application, {"status": status, **given}), False
    if status:
        set_application_status(by=by, application=application, status=status)
    return application, True


@transaction.atomic
def add_application(*, by: User, then: Then | None = None, **facts: Any) -> Application:
    """A new application, or a refusal after which the one that is there is as it was."""
    made, is_new = create_application(by=by, **facts)
    if not is_new:
        raise Refused(_("This person has already applied for this job."), code="conflict")
    if then:
        then(by=by, application=made)
    return made


def _create_candidate(by: User, given: Facts) -> tuple[Candidate, bool]:
    return create_candidate(by=by, **{"last_name": "", **given}), True


def _update_application(by: User, application: Application, given: Facts) -> Application:
    for name in ("job", "candidate"):
        if name in given and given[name] != getattr(application, name):
            raise Refused(
                _("An application stays with its job and candidate. Use another external id."),
                code="conflict",
            )
    facts = {name: given[name] for name in ("source", "applied_at") if name in given}
    changed = [name for name, value in facts.items() if getattr(application, name) != value]
    if changed:
        Application.objects.filter(pk=application.pk).update(
            version=F("version") + 1,
            updated_at=timezone.now(),
            **{name: facts[name] for name in changed},
        )
        ledger.record(
            "update_application", by=by, on=application, job=application.job, changed=changed
        )
        application.refresh_from_db()
    if given.get("status"):
        set_application_status(by=by, application=application, status=given["status"])
    return application


def _may_write_candidate(by: User, person: Candidate) -> bool:
    if not queries.candidates(by).filter(pk=person.pk).exists():
        return False
    applied = [row.job for row in person.applications.select_related("job")]
    return not applied or any(rules.may(by, "candidate.write", job) for job in applied)


def _may_write_application(by: User, application: Application) -> bool:
    seen = queries.applications(by).filter(pk=application.pk).exists()
    return seen and rules.may(by, "application.write", application.job)


JOB = Kind(
    "job",
    create=lambda by, given: (create_job(by=by, **given), True),
    update=lambda by, job, given: update_job(by=by, job=job, **given),
    may_write=lambda by, job: rules.may(by, "job.edit", job),
    may_create=lambda by: reachable("job.create", by),
)
CANDIDATE = Kind(
    "candidate",
    create=_create_candidate,
    update=lambda by, person, given: update_candidate(by=by, candidate=person, **given),
    may_write=_may_write_candidate,
    may_create=lambda by: reachable("candidate.write", by),
)
APPLICATION = Kind(
    "application",
    create=lambda by, given: create_application(by=by, **given),
    update=_update_application,
    may_write=_may_write_application,
    may_create=lambda by: reachable("application.write", by),
)
KINDS = {kind.name: kind for kind in (JOB, CANDIDATE, APPLICATION)}


def _upsert(kind: Kind, *, by: User, key: tuple[str, str], facts: Facts) -> Upsert:
    """Two clients with one new key at once: one row; the loser's write becomes an update."""
    row = find_external(kind.name, *key)
    if row is None:
        try:
            return _create(kind, by=by, key=key, facts=facts)
        except IntegrityError:
            row = find_external(kind.name, *key)
            if row is None:
                raise
    return _update(kind, row, by=by, facts=facts)


@transaction.atomic
def _create(kind: Kind, *, by: User, key: tuple[str, str], facts: Facts) -> Upsert:
    if not kind.may_create(by):
        raise Refused(_("You may not create this."), code="not_permitted")
    given, at = _without_time(facts)
    made, is_new = kind.create(by, given)
    source, value = key
    ExternalId.objects.create(source=source, value=value, **{kind.name: made})
    _note_time(made, at)
    return Upsert(made, "created" if is_new else "updated")


@transaction.atomic
def _update(kind: Kind, row: Any, *, by: User, facts: Facts) -> Upsert:
    row = type(row).objects.select_for_update().get(pk=row.pk)
    if not kind.may_write(by, row):
        raise Refused(_("There is nothing here that you may see."), code="not_found")
    given, at = _without_time(facts)
    if at and row.source_updated_at and at < row.source_updated_at:
        return Upsert(row, "stale")  # workers and webhooks arrive out of order
    before = row.version
    changed = kind.update(by, row, given)
    _note_time(changed, at)
    return Upsert(changed, "updated" if changed.version != before else "unchanged")


def _without_time(facts: Facts) -> tuple[Facts, datetime | None]:
    rest = {name: value for name, value in facts.items() if name != "source_updated_at"}
    return rest, facts.get("source_updated_at")


def _note_time(row: Any, at: datetime | None) -> None:
    """Newer news with the same facts is no change: neither version nor `updated_at` moves."""
    if at:
        type(row).objects.filter(pk=row.pk).update(source_updated_at=at)
