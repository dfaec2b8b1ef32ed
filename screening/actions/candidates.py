"""Adding somebody to a job in one step: person, application and, if wanted, the loop."""

from django.db import transaction
from django.db.models.functions import Lower

from accounts.models import User
from candidates.actions.people import apply, create_candidate
from candidates.models import Application, Candidate, Job
from screening.actions.assignments import assign_loop


def _known(by: User, first_name: str, last_name: str, email: str) -> Candidate | None:
    """The same person, if `by` may know of them: same address and same name."""
    if not email:
        return None
    return (
        Candidate.objects.visible_to(by)
        .annotate(first=Lower("first_name"), last=Lower("last_name"))
        .filter(email=email.lower(), first=first_name.lower(), last=last_name.lower())
        .first()
    )


@transaction.atomic
def add_candidate(
    *,
    by: User,
    job: Job,
    first_name: str,
    last_name: str = "",
    email: str = "",
    source: str = "",
    with_loop: bool = False,
) -> Application:
    """A person applies for a job; sent twice with an address, it is one application."""
    email = email.strip()
    candidate = _known(by, first_name, last_name, email) or create_candidate(
        by=by, first_name=first_name, last_name=last_name, email=email
    )
    application = apply(by=by, job=job, candidate=candidate, source=source)
    if with_loop:
        assign_loop(by=by, application=application)
    return application
