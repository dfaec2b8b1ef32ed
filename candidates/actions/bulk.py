"""Many people for one job at once: a few statements, not a dozen for each of them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import ledger
from accounts.models import User
from candidates.actions.people import draw_code
from candidates.models import Application, Candidate, ExternalId, Job
from lib.errors import Refused

PersonKey = tuple[str, str, str]


@dataclass(frozen=True)
class NewPerson:
    """Facts already checked against the columns; `external_id` belongs to the application."""

    first_name: str
    last_name: str = ""
    email: str = ""
    source: str = ""
    external_id: str = ""

    @property
    def key(self) -> PersonKey:
        return self.email, self.first_name.lower(), self.last_name.lower()


@transaction.atomic
def apply_all(*, by: User, job: Job, people: list[NewPerson], id_source: str) -> list[Application]:
    """All these apply for this job; who is known to `by` with the same name and address is reused.

    `people` must be new to the job and different from each other. `id_source` names the system
    whose ids they carry.
    """
    at = timezone.now()
    known = _known(by, people)
    candidates = [known.get(person.key) or _candidate(person) for person in people]
    made = [candidate for candidate in candidates if candidate._state.adding]
    codes = _codes()
    applications = [
        Application(
            job=job, candidate=candidate, code=next(codes), source=person.source, applied_at=at
        )
        for person, candidate in zip(people, candidates, strict=True)
    ]
    ids = [
        ExternalId(source=id_source, value=person.external_id, application=application)
        for person, application in zip(people, applications, strict=True)
        if person.external_id
    ]
    try:
        with transaction.atomic():
            Candidate.objects.bulk_create(made)
            Application.objects.bulk_create(applications)
            ExternalId.objects.bulk_create(ids)
    except IntegrityError as error:
        raise Refused(
            _("Somebody else added candidates at the same time. Try again."), code="conflict"
        ) from error
    ledger.record_all("create_candidate", by=by, on=made)
    ledger.record_all("apply", by=by, on=applications, job=job)
    return applications


def _known(by: User, people: Iterable[NewPerson]) -> dict[PersonKey, Candidate]:
    emails = {person.email for person in people if person.email}
    return {
        (row.email, row.first_name.lower(), row.last_name.lower()): row
        for row in Candidate.objects.visible_to(by).filter(email__in=emails)
    }


def _candidate(person: NewPerson) -> Candidate:
    made = Candidate(first_name=person.first_name, last_name=person.last_name, email=person.email)
    if person.email:
        made.emails = [{"value": person.email, "type": "personal"}]
    try:
        made.clean_fields()
    except ValidationError as error:
        raise Refused(" ".join(error.messages), code="validation") from error
    return made


def _codes() -> Iterator[str]:
    """Codes nobody has, drawn; longer ones where the short ones are getting scarce."""
    taken = set(Application.objects.values_list("code", flat=True))
    while True:
        code = next(code for attempt in count() if (code := draw_code(attempt)) not in taken)
        taken.add(code)
        yield code
