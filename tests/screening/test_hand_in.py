"""Handing in: once, late or not, and what the end of a link does to work begun."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from accounts.models import Event
from lib.errors import Refused
from screening import tasks
from screening.actions import submissions as actions
from screening.actions.assignments import assign_interviewer
from screening.actions.invitations import extend_time, revoke_link
from screening.models import Assignment, Invitation
from tests.screening.candidate_world import comment, op, work, working

pytestmark = pytest.mark.django_db

COMMENT = "comment:6b0f3c52-3b3e-4a63-9d3b-0d2f6a1c9b11"


def save(invitation, assignment, *ops):
    return actions.save_work(invitation=invitation, assignment=assignment, ops=list(ops))


def test_handing_in_seals_the_work_and_makes_scorecards_due():
    here, invitation, assignment = working()
    card = assign_interviewer(by=here.alice, assignment=assignment, interviewer=here.chi)
    assert card.due_at is None
    save(invitation, assignment, op(COMMENT, comment()), op("overall", "Do not ship."))
    done = actions.hand_in(invitation=invitation, assignment=assignment)
    card.refresh_from_db()
    assert done.status == "handed_in"
    assert not done.is_late
    assert work(assignment).sealed_at == done.handed_in_at
    assert card.due_at - done.handed_in_at >= timedelta(days=3)
    event = Event.objects.get(verb="hand_in")
    assert (event.by, event.object_id) == (None, assignment.pk)


def test_twice_is_the_same_receipt():
    _here, invitation, assignment = working()
    first = actions.hand_in(invitation=invitation, assignment=assignment)
    again = actions.hand_in(invitation=invitation, assignment=assignment)
    assert again.handed_in_at == first.handed_in_at
    assert Event.objects.filter(verb="hand_in").count() == 1


def test_sealed_work_takes_nothing_more():
    _here, invitation, assignment = working()
    actions.hand_in(invitation=invitation, assignment=assignment)
    with pytest.raises(Refused) as refused:
        save(invitation, assignment, op("overall", "one more thing"))
    assert refused.value.code == "sealed"
    assert work(assignment).fields == {}


def test_late_work_is_kept_and_marked():
    _here, invitation, assignment = working()
    Assignment.objects.update(started_at=timezone.now() - timedelta(hours=2))
    [answer] = save(invitation, assignment, op("overall", "still writing"))
    assert answer["status"] == "ok"
    done = actions.hand_in(invitation=invitation, assignment=assignment)
    assert done.is_late


def test_more_time_given_while_working_is_no_late_work():
    here, invitation, assignment = working()
    Assignment.objects.update(started_at=timezone.now() - timedelta(minutes=40))
    extend_time(by=here.alice, assignment=assignment, minutes=15, reason="train")
    assert not actions.hand_in(invitation=invitation, assignment=assignment).is_late


def test_what_moved_since_the_review_page_is_not_handed_in_unseen():
    _here, invitation, assignment = working()
    seen = actions.fingerprint(work(assignment))
    save(invitation, assignment, op("overall", "from another tab"))
    with pytest.raises(Refused) as refused:
        actions.hand_in(invitation=invitation, assignment=assignment, seen=seen)
    assert refused.value.code == "moved"
    assert work(assignment).sealed_at is None


def test_when_the_link_ends_the_work_is_sealed_as_it_is():
    _here, invitation, assignment = working()
    save(invitation, assignment, op("overall", "half a thought"))
    ended_at = timezone.now() - timedelta(minutes=5)
    Invitation.objects.update(expires_at=ended_at)
    with pytest.raises(Refused) as refused:
        save(invitation, assignment, op("overall", "too late", 1))
    assert refused.value.code == "ended"
    assert actions.seal_expired() == 1
    assert actions.seal_expired() == 0
    row = Assignment.objects.get(pk=assignment.pk)
    assert (row.status, row.handed_in_at) == ("handed_in", ended_at)
    assert work(assignment).value("overall") == "half a thought"


def test_handing_in_after_the_end_seals_as_of_the_end():
    _here, invitation, assignment = working()
    ended_at = timezone.now() - timedelta(minutes=5)
    Invitation.objects.update(expires_at=ended_at)
    assert actions.hand_in(invitation=invitation, assignment=assignment).handed_in_at == ended_at


def test_a_revoked_link_hands_nothing_in():
    here, invitation, assignment = working()
    revoke_link(by=here.alice, application=here.application)
    with pytest.raises(Refused):
        actions.hand_in(invitation=invitation, assignment=assignment)
    assert Assignment.objects.get(pk=assignment.pk).status == "working"


def test_the_other_exercise_keeps_its_own_clock():
    here, invitation, assignment = working()
    actions.hand_in(invitation=invitation, assignment=assignment)
    other = Assignment.objects.get(pk=here.second)
    assert (other.status, other.started_at) == ("invited", None)


def test_the_panel_gets_sealed_work_without_anybody_looking():
    here, _invitation, assignment = working()
    card = assign_interviewer(by=here.alice, assignment=assignment, interviewer=here.chi)
    Invitation.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    assert tasks.seal_expired_work.name in settings.CELERY_BEAT_SCHEDULE
    tasks.seal_expired_work.delay()
    card.refresh_from_db()
    assert card.due_at
    assert Assignment.objects.get(pk=assignment.pk).status == "handed_in"
