"""People and their applications."""

import secrets
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import ledger
from accounts.models import User
from candidates.models import Application, ApplicationStatus, Candidate, Job, JobStatus
from lib.errors import Refused

FACTS = frozenset(
    {
        "first_name",
        "last_name",
        "preferred_name",
        "email",
        "emails",
        "phones",
        "links",
        "title",
        "company",
        "time_zone",
        "is_private",
        "source_updated_at",
    }
)
# Without I, O and Q, which read as digits. Drawn, not derived: a code must not hint at the name.
LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
TRIES = 12


def _known(facts: dict[str, Any]) -> dict[str, Any]:
    if unknown := set(facts) - FACTS:
        raise TypeError(f"A candidate has no {', '.join(sorted(unknown))}.")
    return facts


def _checked(candidate: Candidate) -> Candidate:
    candidate.email = candidate.email.strip().lower()
    if candidate.email and not candidate.emails:
        candidate.emails = [{"value": candidate.email, "type": "personal"}]
    try:
        candidate.full_clean()
    except ValidationError as error:
        raise Refused(" ".join(error.messages), code="validation") from error
    return candidate


@transaction.atomic
def create_candidate(
    *, by: User | None, first_name: str, last_name: str, email: str = "", **facts: Any
) -> Candidate:
    """Write down a person. Two people may share an address, so nothing is merged here."""
    candidate = _checked(
        Candidate(first_name=first_name, last_name=last_name, email=email, **_known(facts))
    )
    candidate.save(force_insert=True)
    ledger.record("create_candidate", by=by, on=candidate)
    return candidate


@transaction.atomic
def update_candidate(*, by: User | None, candidate: Candidate, **facts: Any) -> Candidate:
    """Change facts of a person; without a change nothing is written."""
    candidate = Candidate.objects.select_for_update().get(pk=candidate.pk)
    changed = [name for name, value in _known(facts).items() if getattr(candidate, name) != value]
    if not changed:
        return candidate
    for name in changed:
        setattr(candidate, name, facts[name])
    _checked(candidate)
    candidate.save(update_fields=[*{*changed, "email", "emails"}, "updated_at"])
    Candidate.objects.filter(pk=candidate.pk).update(version=F("version") + 1)
    candidate.refresh_from_db(fields=["version"])
    ledger.record("update_candidate", by=by, on=candidate, changed=changed)
    return candidate


def draw_code(attempt: int) -> str:
    """K-17; longer numbers once the short ones are getting scarce."""
    digits = 2 if attempt < 4 else 3 if attempt < 8 else 5
    low = 10 ** (digits - 1)
    return f"{secrets.choice(LETTERS)}-{secrets.randbelow(9 * low) + low}"


def _insert(job: Job, candidate: Candidate, **fields: Any) -> tuple[Application, bool]:
    """The one application of this person for this job, and whether it is new."""
    for attempt in range(TRIES):
        code = fields.get("code") or draw_code(attempt)
        try:
            with transaction.atomic():
                return Application.objects.get_or_create(
                    job=job, candidate=candidate, defaults={**fields, "code": code}
                )
        except IntegrityError as error:  # the code is taken
            if fields.get("code"):
                raise Refused(_("The code %(code)s is taken.") % {"code": code}) from error
    raise Refused(_("No free code was found. Try again."), code="conflict")


@transaction.atomic
def apply(
    *,
    by: User | None,
    job: Job,
    candidate: Candidate,
    source: str = "",
    applied_at: datetime | None = None,
    code: str = "",
) -> Application:
    """This person applies for this job; asked twice, it is the same application."""
    if job.status == JobStatus.CLOSED:
        known = Application.objects.filter(job=job, candidate=candidate).first()
        if known is None:
            raise Refused(_("This job is closed. Open it again before adding candidates."))
        return known
    application, is_new = _insert(
        job, candidate, source=source, applied_at=applied_at or timezone.now(), code=code
    )
    if is_new:
        ledger.record("apply", by=by, on=application, job=job)
    return application


@transaction.atomic
def set_application_status(
    *, by: User | None, application: Application, status: str, reason: str = ""
) -> Application:
    """The recruiter's or the ATS's word on an application; no score or decision sets it."""
    if status not in ApplicationStatus.values:
        raise Refused(_("That is no status of an application."), code="validation")
    changed = (
        Application.objects.filter(pk=application.pk)
        .exclude(status=status)
        .update(status=status, version=F("version") + 1, updated_at=timezone.now())
    )
    application.refresh_from_db(fields=["status", "version", "updated_at"])
    if changed:
        ledger.record(
            "set_application_status",
            by=by,
            on=application,
            job=application.job,
            changed=["status"],
            reason=reason,
        )
    return application
