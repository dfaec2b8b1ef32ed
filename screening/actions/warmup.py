"""The warm-up: saved like work, so that it can be seen saved; judged and read by nobody."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lib import autosave
from screening.actions.candidate_fields import MAX_COMMENT, Allowed
from screening.actions.candidate_work import OtherDevice, ended
from screening.models import Invitation
from screening.queries.warmup import practice

# It lies in the invitation's row, which many lists read.
MOST_FIELDS = 10


def save_warmup(*, invitation: Invitation, ops: Any, device: str) -> list[dict[str, Any]]:
    """Apply the ops to the candidate's practice and say what became of each."""
    autosave.check(ops)
    with transaction.atomic():
        row = Invitation.objects.select_for_update().get(pk=invitation.pk)
        if not row.is_live:
            raise ended()
        if row.device != device:
            raise OtherDevice
        fields, answers = autosave.apply(
            row.warmup,
            ops,
            at=timezone.now(),
            by="",
            allowed=_Practised(row.warmup),
            max_value=4 * MAX_COMMENT + 1_000,
        )
        for entry in fields.values():
            entry.pop("kept", None)  # of practice, what was overwritten is worth nothing
        if fields != row.warmup:
            Invitation.objects.filter(pk=row.pk).update(warmup=fields)
    return answers


class _Practised:
    def __init__(self, fields: dict[str, Any]) -> None:
        self.names = set(fields)
        self.allowed = Allowed(practice())

    def __call__(self, name: str, value: Any) -> Any:
        self.names.add(name)
        if len(self.names) > MOST_FIELDS:
            self.names.discard(name)
            raise ValueError(_("That is practice enough: go on to the exercises."))
        return self.allowed(name, value)
