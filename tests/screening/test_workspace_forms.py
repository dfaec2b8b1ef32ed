"""Without the script; then what was written is looked over and handed in."""

import json
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from screening.actions.invitations import extend_time
from screening.models import Assignment, Submission
from tests.screening.candidate_world import comment, op
from tests.screening.workspace_steps import ONE, begun, saved, send

pytestmark = pytest.mark.django_db


# --- without the script


def test_a_plain_form_saves_every_field_and_leads_to_the_review():
    here = begun()
    page = here.browser.get(here.url)
    typed = {"overall": "Do not ship.\r\nReally.", "base": page.context["base"], "review": "1"}
    response = here.browser.post(here.url, typed)
    assert response.url == reverse("hand_in_review", args=[here.first])
    assert saved(here).value("overall") == "Do not ship.\nReally."
    here.browser.post(here.url, typed | {"base": json.dumps({"overall": 1})})
    assert saved(here).fields["overall"]["rev"] == 1


def test_a_plain_form_over_a_newer_text_keeps_both():
    here = begun()
    send(here, op("overall", "newer, from the phone"))
    here.browser.post(here.url, {"overall": "older page", "base": "{}"})
    entry = saved(here).fields["overall"]
    assert (entry["v"], entry["kept"][0]["v"]) == ("older page", "newer, from the phone")
    assert "newer, from the phone" in here.browser.get(here.url).content.decode()


def test_a_plain_form_that_is_refused_shows_what_was_typed():
    here = begun()
    response = here.browser.post(here.url, {"overall": "x" * 20_001})
    assert response.status_code == 422
    assert "x" * 20_001 in response.content.decode()


def test_comments_without_the_script():
    here = begun()
    url = reverse("work_comment", args=[here.first])
    typed = {**comment(), "end": ""}
    assert here.browser.post(url, typed).status_code == 302
    [made] = saved(here).comments
    assert (made["start"], made["end"]) == (3, 3)
    here.browser.post(url, {**comment("other words"), "uuid": made["id"]})
    assert [one["text"] for one in saved(here).comments] == ["other words"]
    page = here.browser.get(f"{here.url}?edit={made['id']}").content.decode()
    assert f'value="{made["id"]}"' in page
    refused = here.browser.post(url, {**comment(), "end": "99"})
    assert refused.status_code == 422
    assert "not in the file" in refused.content.decode()
    assert here.browser.post(url, {"text": ""}).status_code == 422
    assert here.browser.post(url, {"remove": made["id"]}).status_code == 302
    assert saved(here).comments == []


# --- review, receipt, clock


def test_the_way_to_the_receipt():
    here = begun()
    send(here, op(ONE, comment()), op("overall", "Do not ship."))
    review = here.browser.get(reverse("hand_in_review", args=[here.first]))
    assert "Nobody is signed in." in review.content.decode()
    done = here.browser.post(
        reverse("hand_in", args=[here.first]), {"seen": review.context["seen"]}
    )
    receipt = here.browser.get(done.url).content.decode()
    assert "Do not ship." in receipt
    assert "in time" in receipt
    assert "180 days after the decision" in receipt
    assert here.browser.get(here.url).url == reverse("receipt", args=[here.first])
    again = here.browser.post(reverse("hand_in", args=[here.first]), {"seen": "old"})
    assert again.url == done.url


def test_a_review_that_is_not_of_now_is_shown_again():
    here = begun()
    review = here.browser.get(reverse("hand_in_review", args=[here.first]))
    send(here, op("overall", "one more"))
    answer = here.browser.post(
        reverse("hand_in", args=[here.first]), {"seen": review.context["seen"]}
    )
    assert answer.status_code == 422
    assert "another window" in answer.content.decode()
    assert saved(here).sealed_at is None


def test_late_is_told_before_and_after():
    here = begun()
    Assignment.objects.filter(pk=here.first).update(
        started_at=timezone.now() - timedelta(minutes=31)
    )
    review = here.browser.get(reverse("hand_in_review", args=[here.first]))
    assert "will be marked late" in review.content.decode()
    here.browser.post(reverse("hand_in", args=[here.first]), {"seen": review.context["seen"]})
    receipt = here.browser.get(reverse("receipt", args=[here.first])).content.decode()
    assert "late: the time ended at" in receipt


def test_the_clock_follows_given_time():
    here = begun()
    url = reverse("work_clock", args=[here.first])
    assert "30 min left" in here.browser.get(url).content.decode()
    row = Assignment.objects.get(pk=here.first)
    extend_time(by=here.alice, assignment=row, minutes=15, reason="train")
    assert "45 min left" in here.browser.get(url).content.decode()


def test_a_plain_form_that_comes_second_is_told_and_keeps_its_words(monkeypatch):
    """Another window saves between the reading of the form and its writing."""
    here = begun()
    ops = [op("overall", "second", 0)]
    monkeypatch.setattr("screening.views.workspace.form_ops", lambda *_: ops)
    Submission.objects.filter(assignment=here.first).update(
        fields={"overall": {"v": "first", "rev": 1, "op": "x", "at": "", "by": ""}}
    )
    answer = here.browser.post(here.url, {"overall": "second"})
    assert answer.status_code == 422
    assert "second</textarea>" in answer.content.decode()
    assert saved(here).value("overall") == "first"
