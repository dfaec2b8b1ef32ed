"""Writing: what is kept, what is refused in words, and what a candidate never gets to see."""

import re
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from screening.actions import submissions as actions
from screening.models import Assignment, Invitation, Submission
from tests import factories
from tests.screening.candidate_world import comment, op, work, working, world
from tests.screening.workspace_steps import HOSTILE, ONE, begun, saved, send, status_of

pytestmark = pytest.mark.django_db


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
