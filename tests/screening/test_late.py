"""Work that comes after the time: kept, and marked with when it was written and when it came."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from screening.actions import submissions as actions
from screening.actions.assignments import assign_interviewer
from screening.actions.invitations import extend_time
from screening.models import Assignment, Scorecard
from screening.queries.late import late_parts
from tests.screening.candidate_world import comment, op, work, working

pytestmark = pytest.mark.django_db

ONE = "comment:6b0f3c52-3b3e-4a63-9d3b-0d2f6a1c9b11"


def save(invitation, assignment, *ops):
    return actions.save_work(invitation=invitation, assignment=assignment, ops=list(ops))


def time_is_up(assignment):
    """The clock ran out ten minutes ago."""
    total = timedelta(minutes=assignment.minutes + assignment.extra_minutes + 10)
    Assignment.objects.update(started_at=timezone.now() - total)
    assignment.refresh_from_db()


def late(assignment):
    return late_parts(work(assignment), assignment)


def test_what_was_written_in_time_and_synced_late_has_both_times():
    here, invitation, assignment = working()
    assign_interviewer(by=here.alice, assignment=assignment, interviewer=here.chi)
    time_is_up(assignment)
    written = (assignment.ends_at - timedelta(minutes=3)).replace(microsecond=0)
    stamp = written.isoformat().replace("+00:00", "Z")

    save(invitation, assignment, op(ONE, comment(), at=stamp))

    [part] = late(assignment)
    assert part.words == "Comment, view.py L3–4"
    assert part.written == written
    assert part.received > assignment.ends_at
    actions.hand_in(invitation=invitation, assignment=assignment)
    candidate = Client()
    candidate.post(reverse("link", args=[here.secret]))
    panel = Client()
    panel.force_login(User.objects.get(pk=here.chi.pk))
    card = Scorecard.objects.get(interviewer=here.chi)
    for browser, address in (
        (candidate, reverse("receipt", args=[assignment.pk])),
        (panel, reverse("scorecard", args=[card.pk])),
    ):
        page = browser.get(address).content.decode()
        told = re.search(r'data-testid="late-parts".*?</details>', page, re.DOTALL)[0]
        assert "1 part came after the time ended at" in told
        assert f"written {written:%-d %b, %H:%M} UTC by the device’s clock" in told
        assert f"received {part.received:%-d %b, %H:%M} UTC" in told


def test_in_time_nothing_is_marked():
    _here, invitation, assignment = working()
    save(invitation, assignment, op("overall", "In time.", at=timezone.now().isoformat()))
    assert late(assignment) == []
    assert "written" not in work(assignment).fields["overall"]


def test_time_given_afterwards_takes_the_mark_away():
    here, invitation, assignment = working()
    time_is_up(assignment)
    save(invitation, assignment, op("overall", "Still writing."))
    assert len(late(assignment)) == 1
    extend_time(by=here.alice, assignment=assignment, minutes=15, reason="train")
    assignment.refresh_from_db()
    assert late(assignment) == []


@pytest.mark.parametrize("at", [None, 7, "yesterday", "2026-11-20T10:00:00", ["x"]])
def test_a_device_that_does_not_say_when_is_late_all_the_same(at):
    _here, invitation, assignment = working()
    time_is_up(assignment)
    save(invitation, assignment, op("overall", "Still writing.", at=at))
    [part] = late(assignment)
    assert part.written is None
