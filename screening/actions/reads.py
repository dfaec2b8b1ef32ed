"""Reading what others have judged is a fact: who has, cannot judge the application any more."""

from collections.abc import Iterable
from uuid import UUID

from accounts import ledger
from accounts.models import Event, User


def note_reads(verb: str, *, by: User, applications: Iterable[tuple[UUID, UUID]]) -> None:
    """Note a first read of each application (id and job); later ones add nothing to the fact."""
    asked = dict(applications)
    known = set(
        Event.objects.filter(
            by=by, is_read=True, verb=verb, object_type="application", object_id__in=list(asked)
        ).values_list("object_id", flat=True)
    )
    new = [(pk, job) for pk, job in asked.items() if pk not in known]
    if new:
        ledger.record_reads(verb, by=by, object_type="application", of=new)
