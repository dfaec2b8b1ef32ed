"""The builder as a page: every change by plain POST, and with htmx the part that follows it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from rubrics.models import Criterion
from screening.actions import loops as actions
from screening.models import Loop, LoopStatus, Stage
from screening.queries.loops import builder_of, library, noise_in
from tests import factories

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def alice():
    return factories.recruiter()


@pytest.fixture
def bob():
    return factories.manager()


@pytest.fixture
def chi():
    return factories.interviewer()


@pytest.fixture
def job(alice, bob, chi):
    return factories.job(
        team={alice: "recruiter", bob: "hiring_manager", chi: "interviewer"},
        requirements="5 years of Django",
    )


@pytest.fixture
def loop(alice, job):
    return actions.create_loop(by=alice, job=job, rubric_version=factories.rubric_version(4))


@pytest.fixture
def stage(alice, loop):
    return actions.add_stage(by=alice, loop=loop, exercise_version=factories.exercise_version())


def page(client, loop):
    return client.get(reverse("loop", args=[loop.pk])).content.decode()


# --- what the builder says


def test_coverage_weights_and_bars(loop, stage, alice):
    actions.add_stage(by=alice, loop=loop, title="Talk", criteria=["c2"])
    found = builder_of(loop)
    # Weights 10, 20, 30 and 40 of 100.
    assert [(r.weight, r.bar, r.words) for r in found.coverage] == [
        ("10 %", 3, "once"),
        ("20 %", 3, "2 times"),
        ("30 %", 3, "nowhere"),
        ("40 %", 3, "nowhere"),
    ]
    assert found.covered == "30 %"
    assert (found.home_minutes, found.live_minutes) == (30, 45)
    assert found.skills == [("Data modelling", 3)]


def test_the_checks_say_what_to_mend(loop, stage):
    facts = {check.fact: check for check in builder_of(loop).checks}
    assert facts["Criterion 4 is not looked at"].detail.startswith("40 % of the weight")
    assert "2 criteria are looked at once" in facts
    assert facts["Stage 1 has 1 of 2 interviewers"].detail == "One opinion cannot be calibrated."
    assert "30 min for the candidate at home, limit 120" in facts
    assert facts["Every criterion has 4 anchors"].kind == "good"


def test_time_anchors_and_an_empty_stage_are_seen(loop, stage, alice):
    actions.update_loop(by=alice, loop=loop, max_minutes=20)
    Criterion.objects.get(key="c1").anchors.first().delete()
    actions.update_stage(by=alice, stage=stage, criteria=[], exercise_version=None)
    loop.refresh_from_db()
    kinds = {check.fact: check.kind for check in builder_of(loop).checks}
    assert kinds["30 min for the candidate at home, limit 20"] == "warn"
    assert kinds["1 criterion lacks anchors"] == "warn"
    assert kinds["Stage 1 has no exercise"] == "bad"
    assert kinds["Stage 1 shows no criterion"] == "bad"
    assert not builder_of(loop).can_publish


def test_noise_is_named_with_why_and_a_better_question(client, alice, loop, stage):
    (found,) = noise_in("5 years of Django")
    assert found.words == "5 years of Django"
    assert noise_in("Ran a payments database through two migrations") == []
    client.force_login(alice)
    assert "“5 years of Django” tells little" in page(client, loop)


def test_only_the_newest_published_exercises_are_offered(loop):
    old = factories.exercise_version(title="Old and new")
    new = factories.exercise_version(title="Other")
    type(new).objects.filter(pk=new.pk).update(exercise=old.exercise, number=2)
    assert [row.pk for row in library()] == [new.pk]
    assert not library(level="mid")
    assert library(level="senior", kind="endpoint_critique", words="other")


def test_a_newer_edition_is_offered_and_taken(client, alice, loop, stage):
    new = factories.exercise_version(title="Second edition")
    old = stage.exercise_version
    type(new).objects.filter(pk=new.pk).update(exercise=old.exercise, number=2)
    client.force_login(alice)
    assert "Use the newer v2" in page(client, loop)
    client.post(reverse("stage_renew", args=[stage.pk]))
    stage.refresh_from_db()
    assert stage.exercise_version_id == new.pk


# --- building


def test_a_loop_is_created_on_the_page(client, alice, job):
    factories.rubric_version()
    client.force_login(alice)
    answer = client.post(reverse("loop_new"), {"job": job.pk, "start": "empty"})
    assert answer.url == reverse("loop", args=[Loop.objects.get().pk])
    again = client.post(reverse("loop_new"), {"job": job.pk, "start": "empty"})
    assert again.status_code == 422


def test_adding_moving_and_removing_without_htmx(client, alice, loop, stage):
    client.force_login(alice)
    version = factories.exercise_version(title="Second")
    client.post(reverse("stage_add", args=[loop.pk]), {"exercise": version.pk})
    second = loop.stages.get(title="Second")
    answer = client.post(reverse("stage_move", args=[second.pk]), {"to_position": 1})
    assert (answer.status_code, answer.url) == (303, reverse("loop", args=[loop.pk]))
    assert [s.pk for s in loop.stages.order_by("position")] == [second.pk, stage.pk]
    client.post(reverse("stage_remove", args=[second.pk]))
    assert loop.stages.get().position == 1


def test_with_htmx_the_builder_comes_back(client, alice, loop, stage):
    client.force_login(alice)
    url = reverse("stage_move", args=[stage.pk])
    good = client.post(url, {"to_position": 1}, headers=HTMX)
    assert good.status_code == 200
    assert good.content.decode().strip().startswith('<div id="builder">')
    for wrong in ({"to_position": 7}, {"to_position": "x"}, {}):
        bad = client.post(url, wrong, headers=HTMX)
        assert bad.status_code == 422
        assert 'role="alert"' in bad.content.decode()


@pytest.mark.parametrize("exercise", ["nothing", "%00"])
def test_no_exercise_of_that_name(client, alice, loop, exercise):
    client.force_login(alice)
    answer = client.post(reverse("stage_add", args=[loop.pk]), {"exercise": exercise}, headers=HTMX)
    assert answer.status_code == 422


def test_a_draft_exercise_cannot_be_added(client, alice, loop):
    version = factories.exercise_version()
    type(version).objects.update(status="draft")
    client.force_login(alice)
    answer = client.post(reverse("stage_add", args=[loop.pk]), {"exercise": version.pk})
    assert answer.status_code == 404


def test_a_stage_is_edited(client, alice, loop, stage):
    client.force_login(alice)
    facts = {
        "title": "Critique",
        "exercise_version": stage.exercise_version_id,
        "mode": "live",
        "minutes": 40,
        "interviewers_needed": 1,
        "criteria": ["c4", "c2"],
    }
    assert client.post(reverse("stage", args=[stage.pk]), facts).status_code == 302
    stage.refresh_from_db()
    assert (stage.title, stage.mode, stage.minutes) == ("Critique", "live", 40)
    assert stage.criteria == ["c2", "c4"]
    bad = client.post(reverse("stage", args=[stage.pk]), {**facts, "minutes": 1})
    assert bad.status_code == 422


def test_more_than_six_criteria_are_refused_at_the_field(client, alice, job):
    loop = actions.create_loop(by=alice, job=job, rubric_version=factories.rubric_version(8))
    stage = actions.add_stage(by=alice, loop=loop, title="Talk")
    client.force_login(alice)
    facts = {
        "title": "Talk",
        "mode": "live",
        "minutes": 40,
        "interviewers_needed": 1,
        "criteria": [f"c{n}" for n in range(1, 8)],
    }
    answer = client.post(reverse("stage", args=[stage.pk]), facts)
    assert answer.status_code == 422
    assert "at most six" in answer.content.decode()


def test_publishing_and_closing_say_what_an_edit_reaches(client, alice, loop, stage):
    client.force_login(alice)
    client.post(reverse("loop_publish", args=[loop.pk]))
    assert "reaches later assignments only" in page(client, loop)
    client.post(reverse("loop_close", args=[loop.pk]))
    assert Loop.objects.get().status == LoopStatus.CLOSED
    assert "Add from library" not in page(client, loop)


def test_an_empty_loop_is_not_published(client, alice, loop):
    client.force_login(alice)
    client.post(reverse("loop_publish", args=[loop.pk]))
    assert Loop.objects.get().status == LoopStatus.DRAFT
    assert "at least one stage" in page(client, loop)


def test_rules_are_edited_in_place(client, alice, loop):
    client.force_login(alice)
    facts = {
        "rubric_version": loop.rubric_version_id,
        "max_minutes": 90,
        "link_days": 7,
        "scorecard_days": 2,
        "hides_identity": "on",
    }
    client.post(reverse("loop_rules", args=[loop.pk]), facts)
    loop.refresh_from_db()
    assert (loop.max_minutes, loop.link_days) == (90, 7)
    bad = client.post(reverse("loop_rules", args=[loop.pk]), {**facts, "link_days": 1000})
    assert bad.status_code == 422


# --- who may, and what it costs


def test_the_team_builds_and_nobody_else(client, alice, bob, chi, loop, stage):
    places = [
        ("loop", loop.pk, "get"),
        ("loop_library", loop.pk, "get"),
        ("stage", stage.pk, "get"),
        ("stage_move", stage.pk, "post"),
    ]
    allowed = [alice, bob, factories.admin()]
    strangers = [chi, factories.recruiter("Charlie Other"), factories.manager("Cleo Other")]
    for name, pk, method in places:
        url = reverse(name, args=[pk])
        for user in allowed + strangers:
            client.force_login(user)
            status = getattr(client, method)(url).status_code
            assert (status != 404) == (user in allowed), (name, user)
    assert Stage.objects.count() == 1


def test_a_confidential_job_is_its_teams_only(client, loop, job):
    type(job).objects.update(is_confidential=True)
    client.force_login(factories.admin())
    assert client.get(reverse("loop", args=[loop.pk])).status_code == 404


def test_nobody_builds_by_reading(client, alice, loop, stage):
    client.force_login(alice)
    for name, pk in (("stage_move", stage.pk), ("loop_publish", loop.pk)):
        assert client.get(reverse(name, args=[pk])).status_code == 405


def test_the_builder_costs_the_same_for_a_long_loop(client, alice, loop, stage):
    client.force_login(alice)

    def cost():
        with CaptureQueriesContext(connection) as queries:
            page(client, loop)
        return len(queries)

    page(client, loop)
    few = cost()
    for _ in range(11):
        actions.add_stage(by=alice, loop=loop, exercise_version=factories.exercise_version())
    assert cost() == few <= 30
