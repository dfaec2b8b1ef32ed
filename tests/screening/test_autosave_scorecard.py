import json

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from screening.models import Conflict, Scorecard
from tests.screening.scorecard_steps import op, submitted

pytestmark = pytest.mark.django_db


def save(client, card, *ops):
    return client.post(
        reverse("scorecard_save", args=[card.pk]),
        json.dumps({"ops": list(ops)}),
        content_type="application/json",
        headers={"X-Autosave": "1"},
    )


def test_a_change_is_kept_with_a_revision(as_chi, card):
    first = op("evidence:c1", "Named the race")
    answer = save(as_chi, card, first)
    assert answer.status_code == 200
    assert answer.json() == {
        "answers": [{"id": first["id"], "field": "evidence:c1", "status": "ok", "rev": 1}]
    }
    assert Scorecard.objects.get().value("evidence:c1") == "Named the race"


def test_the_same_op_again_gets_the_same_answer(as_chi, card):
    same = op("point:c1", "3")
    assert save(as_chi, card, same).json() == save(as_chi, card, same).json()
    assert Scorecard.objects.get().fields["point:c1"]["rev"] == 1


def test_two_tabs_on_one_field_ask_a_person(as_chi, card):
    save(as_chi, card, op("evidence:c1", "first tab"))
    [answer] = save(as_chi, card, op("evidence:c1", "second tab", 0)).json()["answers"]
    assert (answer["status"], answer["theirs"], answer["rev"]) == ("conflict", "first tab", 1)
    assert answer["by"] == "Chi Nguyen"
    assert Scorecard.objects.get().value("evidence:c1") == "first tab"
    save(as_chi, card, op("evidence:c1", "second tab", 1, resolve=True))
    entry = Scorecard.objects.get().fields["evidence:c1"]
    assert entry["v"] == "second tab"
    assert [kept["v"] for kept in entry["kept"]] == ["first tab"]


def test_one_wrong_field_does_not_hold_the_others_up(as_chi, card):
    answers = save(as_chi, card, op("point:c1", "9"), op("point:c2", "2")).json()["answers"]
    assert [answer["status"] for answer in answers] == ["invalid", "ok"]
    assert answers[0]["message"]


def test_signed_out_keeps_the_draft_on_the_device(client, card):
    answer = save(client, card, op("point:c1", "3"))
    assert answer.status_code == 401
    assert answer.json()["detail"]


def test_another_persons_scorecard_does_not_exist(client, card, dev):
    client.force_login(dev)
    assert save(client, card, op("point:c1", "3")).status_code == 404
    assert Scorecard.objects.get(pk=card.pk).fields == {}


def test_a_conflict_of_interest_ends_saving_at_once(as_chi, card, chi):
    Conflict.objects.create(application=card.assignment.application, user=chi, reason="Cousins")
    assert save(as_chi, card, op("point:c1", "3")).status_code == 404


def test_after_submission_the_draft_is_sealed(as_chi, card):
    submitted(card)
    answer = save(as_chi, card, op("point:c1", "1", 1))
    assert answer.status_code == 409
    assert answer.json()["detail"]


def test_before_hand_in_nothing_is_saved(as_chi, card, assignment):
    type(assignment).objects.update(status="working", handed_in_at=None)
    assert save(as_chi, card, op("point:c1", "1")).status_code == 409


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("{", 400),
        ("[]", 400),
        ("{}", 400),
        ('{"ops": "x"}', 400),
        ('{"ops": [{"field": "summary"}]}', 400),
        (json.dumps({"ops": [op("summary", "x") for _ in range(201)]}), 413),
    ],
)
def test_what_is_no_list_of_changes_is_refused(as_chi, card, body, status):
    url = reverse("scorecard_save", args=[card.pk])
    assert as_chi.post(url, body, content_type="application/json").status_code == status


def test_only_a_post_saves(as_chi, card):
    assert as_chi.get(reverse("scorecard_save", args=[card.pk])).status_code == 405


def test_a_post_without_the_csrf_token_is_refused(chi, card):
    client = Client(enforce_csrf_checks=True)
    client.force_login(chi)
    assert save(client, card, op("point:c1", "3")).status_code == 403


def test_saving_stays_within_eight_queries(as_chi, card, django_assert_max_num_queries):
    save(as_chi, card, op("summary", "begun"))
    ops = [op("point:c1", "3"), op("flaw:no-auth", "found"), op("evidence:c1", "text")]
    # The two of the savepoint are the test's own: outside a test it is the transaction itself.
    with django_assert_max_num_queries(8):
        save(as_chi, card, *ops)


def test_a_save_touches_nothing_but_the_draft(as_chi, card):
    before = timezone.now()
    save(as_chi, card, op("point:c1", "3"))
    card.refresh_from_db()
    assert card.status == "draft"
    assert card.started_at >= before
    assert not card.ratings.exists()


def test_a_body_nested_without_end_is_refused(as_chi, card):
    body = b'{"ops": ' + b"[" * 200_000
    address = reverse("scorecard_save", args=[card.pk])
    assert as_chi.post(address, body, content_type="application/json").status_code == 400
