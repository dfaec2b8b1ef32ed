"""A person decides, with a reason; no score does."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import ledger
from accounts.models import User
from candidates.models import Application
from lib.errors import Refused
from screening.models import Decision, Outcome
from screening.queries.decisions import may_decide
from screening.queries.results_open import debrief_is_open

MAX_REASON = 2_000


def record_decision(*, by: User, application: Application, outcome: str, reason: str) -> Decision:
    """Write down what was decided. A changed mind is a new row; the same again is the same row.

    The application's status and all scores stay as they are.
    """
    reason = _checked(outcome, reason)
    with transaction.atomic():
        # One after the other, so that two people see each other's newest.
        locked = Application.objects.select_for_update(of=("self",)).select_related("job")
        own = locked.get(pk=application.pk)
        if not may_decide(by, own):
            raise Refused(_("Only the hiring manager of this job can decide."), code="forbidden")
        if not debrief_is_open(own):
            raise Refused(
                _("Decide once the debrief is open: every scorecard is in or has fallen due.")
            )
        last = Decision.objects.filter(application=own).first()
        if last and (last.by_id, last.outcome, last.reason) == (by.pk, outcome, reason):
            return last
        made = Decision.objects.create(application=own, outcome=outcome, reason=reason, by=by)
        ledger.record(
            "record_decision",
            by=by,
            on=own,
            job=own.job,
            changed=["decision"],
            reason=reason,
        )
    return made


def _checked(outcome: str, reason: str) -> str:
    if outcome not in Outcome.values:
        raise Refused(_("Choose hire, no hire or another round."), code="validation")
    reason = reason.strip()
    if not reason:
        raise Refused(_("Say why: the reason is part of the decision."), code="validation")
    if len(reason) > MAX_REASON:
        raise Refused(
            _("Keep the reason below %(n)s characters.") % {"n": MAX_REASON}, code="validation"
        )
    return reason
