from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from screening.actions.scorecards import save_scorecard
from screening.models import Assignment, Conflict, Mode, Scorecard, Stage
from tests import factories
from tests.screening.scorecard_steps import op, submitted

pytestmark = pytest.mark.django_db


def card_for(stage, who, *, due_in=1, name="Kim Larsen", **fields):
    application = factories.application(stage.loop.job, name=name)
    made = factories.scorecard(factories.assignment(application, stage, **fields), who)
    due = None if due_in is None else timezone.now() + timedelta(days=due_in)
    Scorecard.objects.filter(pk=made.pk).update(due_at=due)
    return Scorecard.objects.get(pk=made.pk)


def code(card):
    return card.assignment.application.code


def page(client, query=""):
    response = client.get(reverse("inbox") + query)
    assert response.status_code == 200
    return response


def codes(response):
    return [code(row.scorecard) for row in response.context["rows"]]


def test_rows_come_by_due_date_and_what_waits_comes_last(as_chi, stage, chi):
    later = card_for(stage, chi, due_in=5)
    waiting = card_for(stage, chi, due_in=None, status="working", handed_in_at=None)
    late = card_for(stage, chi, due_in=-2)
    response = page(as_chi)
    assert codes(response) == [code(late), code(later), code(waiting)]
    assert [row.state for row in response.context["rows"]] == ["to_score", "to_score", "waiting"]
    assert response.context["rows"][0].is_late
    assert "2 days late" in response.content.decode().replace("\xa0", " ")


def test_only_ones_own_rows_show_and_nothing_tells_of_others(as_chi, stage, chi, dev):
    mine = card_for(stage, chi)
    other = factories.scorecard(mine.assignment, dev)
    save_scorecard(by=dev, scorecard=other, ops=[op("summary", "CANARY-SUMMARY")])
    submitted(other)
    card_for(stage, dev)
    response = page(as_chi)
    assert codes(response) == [code(mine)]
    html = response.content.decode()
    assert "CANARY" not in html
    assert "Dev" not in html


def test_a_name_never_shows(as_chi, stage, chi):
    card_for(stage, chi, name="Kimberley Namecanary")
    html = page(as_chi).content.decode()
    assert "Kimberley" not in html
    assert "Namecanary" not in html


def test_a_draft_says_how_far_it_is(as_chi, stage, chi):
    card = card_for(stage, chi)
    assert "not begun" in page(as_chi).content.decode()
    save_scorecard(by=chi, scorecard=card, ops=[op("point:c1", "3"), op("point:c2", "0")])
    assert "draft 2/3" in page(as_chi).content.decode()


def test_finished_ones_show_when_asked_for(as_chi, stage, chi):
    done = submitted(card_for(stage, chi))
    assert codes(page(as_chi)) == []
    assert codes(page(as_chi, "?finished=1")) == [code(done)]
    assert page(as_chi).context["counts"].submitted == 1


def test_declined_cancelled_and_conflicting_ones_are_gone(as_chi, stage, chi):
    declined, cancelled, conflicting = (card_for(stage, chi) for _ in range(3))
    Scorecard.objects.filter(pk=declined.pk).update(status="declined")
    Assignment.objects.filter(pk=cancelled.assignment_id).update(status="cancelled")
    Conflict.objects.create(
        application=conflicting.assignment.application, user=chi, reason="Cousins"
    )
    response = page(as_chi, "?finished=1")
    assert codes(response) == []
    assert response.context["counts"].to_score == 0


def test_a_conversation_can_be_scored_at_once(as_chi, stage, chi):
    live = Stage.objects.create(
        loop=stage.loop, position=2, title="Talk", mode=Mode.LIVE, minutes=45, criteria=["c1"]
    )
    card_for(live, chi, status="planned", handed_in_at=None)
    response = page(as_chi)
    assert response.context["counts"].to_score == 1
    assert [row.state for row in response.context["rows"]] == ["to_score"]


@pytest.mark.parametrize("make", [factories.recruiter, factories.manager, factories.interviewer])
def test_whoever_may_be_on_a_panel_has_an_inbox(client, make):
    client.force_login(make())
    assert "Nothing to score" in page(client).content.decode()


def test_an_admin_without_a_role_on_panels_has_none(client):
    client.force_login(factories.admin())
    assert client.get(reverse("inbox")).status_code == 404


def test_signed_out_leads_to_the_sign_in(client):
    response = client.get(reverse("inbox"))
    assert response.status_code == 302
    assert reverse("account_login") in response["Location"]


def test_queries_do_not_grow_with_the_rows(as_chi, stage, chi, django_assert_max_num_queries):
    def count():
        with django_assert_max_num_queries(100) as captured:
            page(as_chi)
        return len(captured)

    card_for(stage, chi)
    one = count()
    for _ in range(49):
        card_for(stage, chi)
    assert count() == one
    assert one <= 8
