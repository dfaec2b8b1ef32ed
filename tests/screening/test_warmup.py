"""Two minutes to try the tools: saved like work, judged by nobody, read by nobody else."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Event
from screening.actions.warmup import MOST_FIELDS
from tests.screening.candidate_world import comment, invitation, op, world

pytestmark = pytest.mark.django_db

ONE = "comment:6b0f3c52-3b3e-4a63-9d3b-0d2f6a1c9b11"
WORDS = {"file": "coffee.py", "start": 8, "end": 8, "text": "WARMUP-CANARY a float of pots"}


@pytest.fixture
def kim():
    here = world()
    here.browser = Client()
    here.browser.post(reverse("link", args=[here.secret]))
    here.browser.post(reverse("consent"), {"agree": "yes"})
    return here


def send(here, *ops, browser=None):
    return (browser or here.browser).post(
        reverse("warmup_save"), {"ops": list(ops)}, content_type="application/json"
    )


def test_it_is_found_on_the_list_and_skipped_at_once(kim):
    page = kim.browser.get(reverse("work")).content.decode()
    assert reverse("warmup") in page
    practice = kim.browser.get(reverse("warmup")).content.decode()
    assert f'href="{reverse("work")}"' in practice
    assert 'id="clock"' not in practice
    assert invitation(kim.application).warmup == {}


def test_before_consent_nothing_is_kept():
    here = world()
    here.browser = Client()
    here.browser.post(reverse("link", args=[here.secret]))
    assert send(here, op(ONE, comment(**WORDS))).status_code == 404
    assert invitation(here.application).warmup == {}


def test_a_comment_is_saved_shown_again_and_taken_back(kim):
    assert send(kim, op(ONE, comment(**WORDS))).json()["answers"][0]["status"] == "ok"
    assert "WARMUP-CANARY" in kim.browser.get(reverse("warmup")).content.decode()
    assert send(kim, op(ONE, None, 1)).json()["answers"][0]["status"] == "ok"
    assert "WARMUP-CANARY" not in kim.browser.get(reverse("warmup")).content.decode()


def test_it_starts_no_clock_and_leaves_nothing_in_the_ledger(kim):
    before = Event.objects.count()
    send(kim, op(ONE, comment(**WORDS)))
    kim.browser.post(reverse("warmup"), {**WORDS, "severity": "minor", "category": "correctness"})
    assert Event.objects.count() == before
    assert kim.browser.get(reverse("work_start", args=[kim.first])).status_code == 200


def test_without_the_script_a_form_does_the_same(kim):
    url = reverse("warmup")
    wrong = kim.browser.post(
        url, {**WORDS, "severity": "minor", "category": "correctness", "text": ""}
    )
    assert wrong.status_code == 422
    sent = {**WORDS, "severity": "minor", "category": "correctness"}
    assert kim.browser.post(url, {**sent, "start": 99, "end": 99}).status_code == 422
    assert kim.browser.post(url, sent).status_code == 302
    page = kim.browser.get(url).content.decode()
    assert "WARMUP-CANARY" in page
    [name] = [one.removeprefix("comment:") for one in invitation(kim.application).warmup]
    assert kim.browser.post(url, {"remove": name}).status_code == 302
    assert "WARMUP-CANARY" not in kim.browser.get(url).content.decode()


def test_practice_ends_somewhere(kim):
    ops = [
        op(f"comment:6b0f3c52-3b3e-4a63-9d3b-0d2f6a1c9b{n}", comment(**WORDS))
        for n in range(10, 12 + MOST_FIELDS)
    ]
    states = [one["status"] for one in send(kim, *ops).json()["answers"]]
    assert states == ["ok"] * MOST_FIELDS + ["invalid"] * 2
    assert send(kim, op("overall", "x" * 21_000)).json()["answers"][0]["status"] == "invalid"


def test_what_was_overwritten_is_not_kept_in_a_row_that_lists_read(kim):
    for rev in range(3):
        words = comment(**{**WORDS, "text": f"WARMUP-{rev} " + "x" * 3_000})
        [answer] = send(kim, op(ONE, words, rev, resolve=True)).json()["answers"]
        assert answer["status"] == "ok"
    kept = json.dumps(invitation(kim.application).warmup)
    assert "WARMUP-2" in kept
    assert "WARMUP-1" not in kept


def test_recruiter_and_panel_never_see_it(kim):
    send(kim, op(ONE, comment(**WORDS)))
    for person in (kim.alice, kim.chi):
        browser = Client()
        browser.force_login(person)
        for url in (
            reverse("home"),
            reverse("application", args=[kim.application.pk]),
            reverse("board", args=[kim.loop.pk]),
        ):
            assert b"WARMUP-CANARY" not in browser.get(url).content


def test_nobody_without_the_link_gets_in(kim):
    assert Client().get(reverse("warmup")).status_code == 404
    assert send(kim, op(ONE, comment(**WORDS)), browser=Client()).status_code == 401
    other = Client()
    other.post(reverse("link", args=[kim.secret]))
    answer = send(kim, op(ONE, comment(**WORDS)))
    assert answer.status_code == 409
    assert json.loads(answer.content)["detail"]
    assert invitation(kim.application).warmup == {}
