"""The library is for who builds and judges loops; an interviewer sees what they are to score."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests import factories

pytestmark = pytest.mark.django_db


def test_a_recruiter_filters_the_library(client: Client) -> None:
    client.force_login(factories.recruiter())
    critique = factories.exercise_version(title="Risky transfer")
    factories.exercise_version("data_model", title="Refunds")
    page = client.get(reverse("exercises"), {"kind": "endpoint_critique"}).content.decode()
    assert critique.title in page
    assert "Refunds" not in page
    assert "No exercise fits" in client.get(reverse("exercises"), {"q": "zzz"}).content.decode()


def test_nonsense_in_a_filter_is_no_error(client: Client) -> None:
    client.force_login(factories.recruiter())
    factories.exercise_version()
    assert client.get(reverse("exercises"), {"kind": "nope", "q": "\0"}).status_code == 200


def test_the_brief_tab_holds_nothing_of_the_key(client: Client) -> None:
    client.force_login(factories.recruiter())
    version = factories.exercise_version()
    url = reverse("exercise", args=[version.pk])
    assert "KEY-CANARY" not in client.get(url).content.decode()
    key = reverse("exercise_key", args=[version.pk])
    assert "KEY-CANARY" in client.get(key).content.decode()
    assert client.get(url, {"tab": "key"})["Location"] == key


def test_an_interviewer_sees_only_what_they_are_to_score(client: Client) -> None:
    chi = factories.interviewer()
    client.force_login(chi)
    loop = factories.loop(factories.job(), stages=2)
    mine, other = loop.stages.all()
    theirs = factories.assignment(factories.application(loop.job), mine)
    url = reverse("exercise", args=[mine.exercise_version.pk])
    assert client.get(url).status_code == 404
    card = factories.scorecard(theirs, chi)
    assert client.get(reverse("exercise_key", args=[mine.exercise_version.pk])).status_code == 200
    assert client.get(reverse("exercise", args=[other.exercise_version.pk])).status_code == 404
    card.status = "declined"
    card.save()
    assert client.get(url).status_code == 404


def test_a_rubric_reads_differently_at_each_level(client: Client) -> None:
    client.force_login(factories.recruiter())
    version = factories.rubric_version(criteria=2)
    page = client.get(reverse("rubric", args=[version.pk]), {"level": "mid"}).content.decode()
    assert "Anchor 2.4" in page
    assert "33 %" in page


def test_the_library_costs_the_same_for_one_and_fifty(client: Client) -> None:
    client.force_login(factories.recruiter())

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("exercises")).status_code == 200
        return len(queries)

    factories.exercise_version()
    few = cost()
    for _ in range(49):
        factories.exercise_version()
    assert cost() == few


def titles(client: Client, **query: str) -> set[str]:
    page = client.get(reverse("exercises"), query)
    return {card.version.title for card in page.context["cards"]}


def test_every_filter_narrows_the_list(client: Client) -> None:
    client.force_login(factories.recruiter())
    factories.rubric_version()
    long = factories.exercise_version(title="Long", skills=["data_modelling"])
    long.minutes, long.language, long.levels = 60, "go", ["mid"]
    long.save()
    factories.exercise_version("data_model", title="Short")
    assert titles(client) == {"Long", "Short"}
    for query in (
        {"kind": "endpoint_critique"},
        {"level": "mid"},
        {"skill": "data_modelling"},
        {"language": "go"},
        {"q": "lon"},
    ):
        assert titles(client, **query) == {"Long"}, query
    assert titles(client, minutes="30") == {"Short"}
    assert titles(client, minutes="60") == {"Long", "Short"}
    assert titles(client, minutes="soon", language="cobol") == {"Long", "Short"}


def test_a_card_says_what_it_is_worth(client: Client) -> None:
    client.force_login(factories.recruiter())
    factories.rubric_version()
    factories.exercise_version(
        skills=["data_modelling"],
        is_proven=True,
        baseline="Found 1 of 2, false alarms 3. 2026-11-28.",
    )
    page = client.get(reverse("exercises")).content.decode()
    for words in (
        "Screens for Data modelling",
        "An assistant alone found 1 of 2, 3 false alarms (28 Nov 2026)",
        "1 flaw",
        "not given yet",
        "AI allowed",
        "proven",
    ):
        assert words in page
    assert "not proven" not in page


def test_of_a_conversation_the_card_says_what_invented_answers_met(client: Client) -> None:
    client.force_login(factories.recruiter())
    said = "Found 5 of 7, partly 2, false alarms 0. 2026-11-28."
    version = factories.exercise_version("structured_interview", baseline=said)
    words = "Answers that an assistant invented met 5 of 7, partly 2 (28 Nov 2026)"
    assert words in client.get(reverse("exercises")).text
    answers = client.get(reverse("exercise", args=[version.pk]), {"tab": "answers"})
    assert words in answers.text


def test_the_rubric_tab_shows_the_anchors_of_a_level(client: Client) -> None:
    client.force_login(factories.recruiter())
    factories.rubric_version()
    version = factories.exercise_version()
    page = client.get(reverse("exercise", args=[version.pk]), {"tab": "rubric"}).content.decode()
    assert page.count('data-testid="standard"') == 2  # c1 and c2, not c3
    assert "Anchor 1.4" in page
    assert "Anchor 3.4" not in page
