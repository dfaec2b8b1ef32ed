"""Writing: what is kept, what is refused in words, and what a candidate never gets to see."""

import json
import re
import uuid
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from screening.actions import submissions as actions
from screening.actions.invitations import extend_time
from screening.models import Assignment, Invitation, Submission
from tests import factories
from tests.screening.candidate_world import comment, op, work, working, world

pytestmark = pytest.mark.django_db

ONE = "comment:6b0f3c52-3b3e-4a63-9d3b-0d2f6a1c9b11"
HOSTILE = "<script>alert(1)</script> \u202egnp.exe {{ 7|add:7 }} ‮"


def begun(**fields):
    here = world(**fields)
    browser = Client()
    browser.post(reverse("link", args=[here.secret]))
    browser.post(reverse("consent"), {"agree": "yes"})
    browser.post(reverse("work_start", args=[here.first]))
    return SimpleNamespace(
        **vars(here), browser=browser, url=reverse("workspace", args=[here.first])
    )


def saved(here):
    return Submission.objects.get(assignment=here.first)


def send(here, *ops, browser=None):
    return (browser or here.browser).post(
        reverse("work_save", args=[here.first]),
        {"ops": list(ops)},
        content_type="application/json",
        headers={"X-Autosave": "1"},
    )


def status_of(response):
    [answer] = response.json()["answers"]
    return answer["status"]


# --- saving


def test_a_comment_is_saved_shown_and_removed():
    here = begun()
    assert status_of(send(here, op(ONE, comment()))) == "ok"
    page = here.browser.get(here.url).content.decode()
    assert 'data-testid="thread-4"' in page
    assert "Nobody is signed in." in page
    assert status_of(send(here, op(ONE, None, 1))) == "ok"
    assert 'data-testid="thread-4"' not in here.browser.get(here.url).content.decode()


def test_a_half_typed_comment_comes_back_as_what_it_is_and_counts_when_handed_in():
    here = begun()
    assert status_of(send(here, op(ONE, comment("Nobody is si", draft=True)))) == "ok"
    assert "data-draft" in here.browser.get(here.url).content.decode()
    review = here.browser.get(reverse("hand_in_review", args=[here.first])).content.decode()
    assert "Nobody is si" in review
    assert status_of(send(here, op(ONE, comment(), 1))) == "ok"
    assert "data-draft" not in here.browser.get(here.url).content.decode()
    assert saved(here).value(ONE) == comment()


def test_a_long_work_comes_in_parts_and_no_comment_is_out_of_reach():
    text = "".join(f"line_{n} = {n}\n" for n in range(1, 1_501))
    version = factories.exercise_version()
    version.artefacts = [{"path": "long.py", "text": text}, {"path": "b.py", "text": "x = 1\n"}]
    version.save()
    here = begun(version=version)
    ops = [
        op(f"comment:{uuid.uuid4()}", comment(f"c{n}", file="long.py", start=n * 12, end=n * 12))
        for n in range(1, 120)
    ]
    ops.append(op(ONE, comment("in the other file", file="b.py", start=1, end=1)))
    assert send(here, *ops).status_code == 200
    seen = set()
    for part in range(1, 5):
        page = here.browser.get(here.url, {"part": part}).content.decode()
        # What a browser with the script makes elements of: a start and an end each.
        elements = re.sub(r"(?s)<noscript>.*?</noscript>", "", page).count("<") / 2
        assert elements < 3_000
        assert page.count("<li data-elsewhere") + page.count('data-testid="thread-') == 120
        seen |= set(re.findall(r'id="(?:f2-)?(L[0-9]+)" data-line', page))
    assert len(seen) == 1_500
    assert "in the other file" in page
    assert ">1201–1500 of 1500 lines" in page
    first = here.browser.get(here.url).content.decode()
    assert f'href="?part=4#comment-{ONE[8:]}"' in first
    for odd in ("0", "99", "x", "-1", "9" * 50, "²"):
        assert here.browser.get(here.url, {"part": odd}).status_code == 200


@pytest.mark.parametrize(
    "value",
    [
        comment(file="other.py"),
        comment(start=0),
        comment(end=5),
        comment(start=4, end=3),
        comment(start="3"),
        comment(start=True, end=True),
        comment(severity="fatal"),
        comment(category="style"),
        comment(text="  "),
        comment(text="a\0b"),
        comment(text="x" * 4001),
        comment(text=3),
        "just words",
        [],
    ],
)
def test_a_comment_on_what_is_not_there_is_refused_in_words(value):
    _here, invitation, assignment = working()
    [answer] = actions.save_work(invitation=invitation, assignment=assignment, ops=[op(ONE, value)])
    assert answer["status"] == "invalid"
    assert answer["message"].endswith(".")
    assert work(assignment).fields == {}


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("endpoint_critique", {"overall", "transcript", "ai_used"}),
        ("data_model", {"ddl", "decisions", "answer:1", "transcript", "ai_used"}),
        ("ai_assisted", {"ddl", "decisions", "answer:1", "transcript", "ai_used"}),
        ("structured_interview", {"answer:1", "transcript", "ai_used"}),
    ],
)
def test_each_kind_has_its_own_fields(kind, fields):
    questions = [] if kind.endswith("critique") else [{"ask": "Why?", "answer": "KEY-CANARY"}]
    version = factories.exercise_version(kind=kind, questions=questions)
    _here, invitation, assignment = working(version=version)
    every = ["overall", "ddl", "decisions", "answer:1", "answer:2", "transcript", "ai_used", "x"]
    answers = actions.save_work(
        invitation=invitation,
        assignment=assignment,
        ops=[op(name, "none" if name == "ai_used" else "words") for name in every],
    )
    assert {one["field"] for one in answers if one["status"] == "ok"} == fields
    is_critique = actions.save_work(
        invitation=invitation, assignment=assignment, ops=[op(ONE, comment())]
    )[0]["status"]
    assert is_critique == ("ok" if kind == "endpoint_critique" else "invalid")


def test_without_ai_there_is_no_transcript():
    version = factories.exercise_version(ai_policy="none")
    _here, invitation, assignment = working(version=version)
    answers = actions.save_work(
        invitation=invitation,
        assignment=assignment,
        ops=[op("transcript", "hi"), op("ai_used", "none")],
    )
    assert {one["status"] for one in answers} == {"invalid"}


def test_the_same_op_twice_is_one_and_an_old_revision_a_conflict():
    here = begun()
    first = op("overall", "one")
    assert send(here, first).json() == send(here, first).json()
    assert status_of(send(here, op("overall", "two", 1))) == "ok"
    answer = send(here, op("overall", "from an old page", 1)).json()["answers"][0]
    assert (answer["status"], answer["theirs"], answer["rev"]) == ("conflict", "two", 2)
    resolved = op("overall", "from an old page", 2, resolve=True)
    assert status_of(send(here, resolved)) == "ok"
    assert saved(here).fields["overall"]["kept"][0]["v"] == "two"


@pytest.mark.parametrize("body", ["", "no json", "[]", '{"ops": 3}', '{"ops": [{}]}', "[" * 9999])
def test_what_is_no_list_of_changes_is_400(body):
    here = begun()
    url = reverse("work_save", args=[here.first])
    assert here.browser.post(url, body, content_type="application/json").status_code == 400


def test_the_browser_keeps_its_draft_whatever_the_no():
    here = begun()
    assert send(here, op("overall", "x"), browser=Client()).status_code == 401
    assert send(here, *[op("overall", "x")] * 201).status_code == 413
    Submission.objects.filter(assignment=here.first).update(sealed_at=timezone.now())
    assert send(here, op("overall", "x")).status_code == 409
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    ended = send(here, op("overall", "x"))
    assert ended.status_code == 409
    assert "stays on this device" in ended.json()["detail"]
    assert Assignment.objects.get(pk=here.first).status == "handed_in"


def test_an_exercise_not_begun_takes_nothing():
    here = begun()
    here.first = here.second
    response = send(here, op("overall", "early"))
    assert response.status_code == 409
    assert "Start this exercise first" in response.json()["detail"]


def test_saving_costs_at_most_eight_queries():
    here = begun()
    many = [op(f"{ONE[:-2]}{n:02d}", comment(f"comment {n}")) for n in range(50)]
    with CaptureQueriesContext(
        connection,
    ) as asked:
        send(here, *many)
    assert len(asked) <= 8
    assert not any("exercises_flaw" in one["sql"] for one in asked)


@pytest.mark.parametrize("comments", [0, 50])
def test_the_page_costs_the_same_with_many_comments(django_assert_num_queries, comments):
    here = begun()
    send(here, *[op(f"{ONE[:-2]}{n:02d}", comment(f"comment {n}")) for n in range(comments)])
    with django_assert_num_queries(8):
        assert here.browser.get(here.url).status_code == 200


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


# --- what never shows


def test_hostile_text_is_inert_everywhere():
    here = begun()
    send(here, op("overall", HOSTILE), op(ONE, comment(HOSTILE)), op("transcript", HOSTILE))
    urls = [here.url, reverse("hand_in_review", args=[here.first])]
    for url in urls:
        page = here.browser.get(url).content.decode()
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)" in page
        assert "{{ 7|add:7 }}" in page
    refused = send(here, op("overall", "nul \0", 1), op("transcript", "half \ud800", 1))
    assert {one["status"] for one in refused.json()["answers"]} == {"invalid"}


def canary_version():
    """Every part of an exercise that is not for the candidate says so."""
    return factories.exercise_version(
        reference=[{"path": "view.py", "text": "KEY-CANARY"}],
        expects=[{"id": "e1", "title": "KEY-CANARY", "found_when": "KEY-CANARY"}],
        questions=[
            {"ask": "Why this?", "answer": "KEY-CANARY", "listens_for": "KEY-CANARY"},
        ],
        probes=[{"ask": "KEY-CANARY", "listens_for": "KEY-CANARY"}],
        answers={"senior": {"strong": "KEY-CANARY"}},
        baseline="KEY-CANARY",
    )


def test_no_word_of_the_key_the_panel_or_the_standard_reaches_a_candidate():
    version = canary_version()
    here = world(version=version, stages=2)
    later = Assignment.objects.get(pk=here.second).exercise_version
    later.brief_html, later.artefacts = "LATER-CANARY", [{"path": "x", "text": "LATER-CANARY"}]
    later.save()
    factories.scorecard(
        Assignment.objects.get(pk=here.first),
        here.chi,
        fields={"summary": {"v": "CARD-CANARY", "rev": 1, "op": "", "at": "", "by": ""}},
    )
    browser, pages = Client(), []
    arg = [here.first]

    def see(response):
        pages.append(response.content.decode() + str(response.headers) + str(browser.cookies))
        return response

    see(browser.get(reverse("link", args=[here.secret])))
    see(browser.post(reverse("link", args=[here.secret])))
    see(browser.get(reverse("consent")))
    see(browser.post(reverse("consent"), {"agree": "yes"}))
    see(browser.get(reverse("work")))
    see(browser.get(reverse("work_start", args=arg)))
    see(browser.get(reverse("work_start", args=[here.second])))
    see(browser.post(reverse("work_start", args=arg)))
    workspace = see(browser.get(reverse("workspace", args=arg)))
    assert "Why this?" in workspace.content.decode()
    url = reverse("work_save", args=arg)
    ops = [op(ONE, comment()), op("overall", "x"), op("flaw:no-auth", "x"), op("c1", "x")]
    see(browser.post(url, {"ops": ops}, content_type="application/json"))
    see(browser.get(reverse("work_clock", args=arg)))
    see(browser.post(reverse("work_comment", args=arg), {"text": ""}))
    review = see(browser.get(reverse("hand_in_review", args=arg)))
    see(browser.post(reverse("hand_in", args=arg), {"seen": review.context["seen"]}))
    see(browser.get(reverse("receipt", args=arg)))
    see(browser.get(reverse("work")))
    secrets = ["KEY-CANARY", "LATER-CANARY", "CARD-CANARY", "CANARY-INTERVIEWER"]
    secrets += ["Anchor 1", "Point 1", here.chi.email, "Kim Larsen", here.application.code]
    for secret in secrets:
        assert not any(secret in page for page in pages), secret
    assert any("What is rated." in page for page in pages)


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
