"""What programs read of judgements: exact, and never more than the actor may know."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Event
from candidates.models import TeamMember
from rubrics.models import CriterionLevel
from screening.models import Assignment, Conflict, Scorecard
from screening.queries.panel import has_read_results
from tests import factories
from tests.api.conftest import Api
from tests.api.test_openapi import validate

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> SimpleNamespace:
    """Alice recruits, Bob manages; Chi has submitted, Dev still owes his scorecard."""
    alice, bob = factories.recruiter(), factories.manager()
    chi, dev = factories.interviewer(), factories.interviewer("Dev Patel")
    job = factories.job(
        team={alice: "recruiter", bob: "hiring_manager", chi: "interviewer", dev: "interviewer"}
    )
    version = factories.rubric_version()
    weights = {"c1": 35, "c2": 40, "c3": 25}
    for row in CriterionLevel.objects.filter(criterion__version=version):
        row.weight = weights[row.criterion.key]
        row.save()
    stage = factories.loop(job, version=version).stages.get()
    application = factories.application(job)
    screening = factories.assignment(application, stage)
    card = factories.submitted_scorecard(
        screening, chi, {"c1": 3, "c2": 2, "c3": 4}, evidence={"c1": "NOTE-CANARY"}, revision=1
    )
    owed = factories.scorecard(screening, dev)
    Scorecard.objects.filter(pk=owed.pk).update(due_at=timezone.now() + timedelta(days=1))
    return SimpleNamespace(**locals())


def submit(world: SimpleNamespace) -> None:
    world.owed.delete()
    world.second = factories.submitted_scorecard(
        world.screening, world.dev, {"c1": 4, "c2": None, "c3": 3}, revision=1
    )


def ids(answer: Any) -> set[str]:
    assert answer.status_code == 200, answer.content
    return {row["id"] for row in answer.json()["data"]}


def test_a_scorecard_reads_as_published(api: Api, world: SimpleNamespace) -> None:
    found = api.get(f"scorecards/{world.card.pk}").json()
    assert found["raw_score"] == 61.67  # the example of the contract
    assert found["coverage"] == 1.0
    assert [(r["criterion"], r["weight"], r["value"]) for r in found["ratings"]] == [
        ("c1", 0.35, 3),
        ("c2", 0.4, 2),
        ("c3", 0.25, 4),
    ]
    assert found["ratings"][0]["note"] == "NOTE-CANARY"
    assert found["ratings"][1]["note"] is None
    assert found["rubric"] == {
        "id": str(world.version.rubric_id),
        "version": 1,
        "level": "senior",
    }


def test_below_the_coverage_floor_there_is_no_score(api: Api, world: SimpleNamespace) -> None:
    world.owed.delete()
    low = factories.submitted_scorecard(
        world.screening, world.dev, {"c1": 4, "c2": None, "c3": None}, is_abstention=True
    )
    found = api.get(f"scorecards/{low.pk}").json()
    assert found["raw_score"] is None
    assert found["coverage"] == 0.35
    assert found["is_abstention"] is True


def test_drafts_are_nobody_elses(api: Api, world: SimpleNamespace) -> None:
    for actor in (None, world.alice, world.bob, world.dev):
        reader = api.as_(actor) if actor else api
        assert str(world.owed.pk) not in ids(reader.get("scorecards"))
        assert reader.get(f"scorecards/{world.owed.pk}").status_code == 404


def test_who_owes_learns_nothing_of_the_others(api: Api, world: SimpleNamespace) -> None:
    dev = api.as_(world.dev)
    assert ids(dev.get("scorecards")) == set()
    assert ids(dev.get("results")) == set()
    assert dev.get(f"scorecards/{world.card.pk}").status_code == 404
    before = dev.get("screenings").json()["data"]
    world.card.ratings.all().delete()
    world.card.delete()
    factories.scorecard(world.screening, world.chi)
    assert dev.get("screenings").json()["data"] == before  # submitted or not: the same bytes
    submit(world)
    assert str(world.second.pk) in ids(dev.get("scorecards"))


def test_a_recruiter_who_owes_is_blind_too(api: Api, world: SimpleNamespace) -> None:
    factories.scorecard(world.screening, world.alice)
    alice = api.as_(world.alice)
    assert ids(alice.get("scorecards")) == set()
    assert ids(alice.get("results")) == set()


def test_a_conflict_closes_everything(api: Api, world: SimpleNamespace) -> None:
    submit(world)
    Conflict.objects.create(application=world.application, user=world.alice, reason="cousin")
    alice = api.as_(world.alice)
    for path in ("applications", "candidates", "screenings", "scorecards", "results"):
        assert ids(alice.get(path)) == set(), path


def test_names_are_for_the_team(api: Api, world: SimpleNamespace) -> None:
    chi = api.as_(world.chi)
    for path in ("candidates", "applications"):
        refused = chi.get(path)
        assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted")
    assert chi.get(f"candidates/{world.application.candidate_id}").status_code == 404
    for path in ("jobs", "screenings", "scorecards", "results", "exercises"):
        text = chi.get(path).content.decode()
        assert world.application.candidate.last_name not in text
        assert world.application.candidate.email not in text


def test_answer_keys_and_anchors_are_not_for_programs(api: Api, world: SimpleNamespace) -> None:
    paths = ["exercises", "rubrics", f"rubrics/{world.version.rubric_id}/versions/1", "screenings"]
    for path in paths:
        text = api.get(path).content.decode()
        assert "KEY-CANARY" not in text
        assert "Anchor 1.1" not in text
    criteria = api.get(paths[2]).json()["criteria"]
    assert criteria[0]["levels"][0]["bar"] == 3


def test_results_open_with_the_last_scorecard(api: Api, world: SimpleNamespace) -> None:
    waiting = api.get("results").json()["data"][0]
    assert waiting["status"] == "provisional"
    assert waiting["raw_score"] is None
    assert waiting["scorecard_ids"] == []
    assert waiting["why_not_calibrated"]
    submit(world)
    found = api.get("results").json()["data"][0]
    assert found["status"] == "published"
    # Means 3.5, 2, 3.5 with weights 0.35, 0.40, 0.25: 100 · (2.9 − 1) / 3.
    assert found["raw_score"] == 63.33
    assert found["calibrated_score"] is None
    assert found["why_not_calibrated"]
    assert set(found["scorecard_ids"]) == {str(world.card.pk), str(world.second.pk)}
    assert ids(api.get("results?status=provisional")) == set()
    assert len(ids(api.get("results?status=published"))) == 1


def test_results_open_when_the_date_has_passed(api: Api, world: SimpleNamespace) -> None:
    Scorecard.objects.filter(pk=world.owed.pk).update(due_at=timezone.now() - timedelta(hours=1))
    assert api.get("results").json()["data"][0]["status"] == "published"
    assert len(ids(api.get("results?status=published"))) == 1


def test_who_reads_results_cannot_judge_any_more(api: Api, world: SimpleNamespace) -> None:
    submit(world)
    bob = api.as_(world.bob)
    assert not has_read_results(user=world.bob, application=world.application)
    bob.get("results")
    assert has_read_results(user=world.bob, application=world.application)
    bob.get("results")
    bob.get("scorecards")
    assert Event.objects.filter(by=world.bob, verb="read_results").count() == 1
    assert Event.objects.filter(by=world.bob, verb="read_scorecards").count() == 1
    api.as_(world.chi).get("scorecards?interviewer_id=" + str(world.chi.pk))
    assert not Event.objects.filter(by=world.chi, verb="read_scorecards").exists()


def test_reading_names_is_noted_once_a_call(api: Api, world: SimpleNamespace) -> None:
    api.get("candidates")
    api.get(f"candidates/{world.application.candidate_id}")
    reads = Event.objects.filter(verb="read_identity", is_read=True)
    assert [event.object_type for event in reads.order_by("id")] == ["apitoken", "candidate"]


def test_jobs_list_their_stages_for_the_team(api: Api, world: SimpleNamespace) -> None:
    path = f"jobs/{world.job.pk}"
    stage = api.as_(world.bob).get(path).json()["stages"][0]
    assert stage["title"] == world.stage.title
    assert stage["criteria"] == ["c1", "c2", "c3"]
    chi = api.as_(world.chi).get(path).json()
    assert chi["title"] == world.job.title
    assert chi["stages"] == []
    TeamMember.objects.filter(user=world.chi).delete()
    assert api.as_(world.chi).get(path).status_code == 404


def test_what_is_given_keeps_to_the_description(api: Api, world: SimpleNamespace) -> None:
    submit(world)
    version = f"rubrics/{world.version.rubric_id}/versions/1"
    from config.api import description

    checked = {
        "me": "Me",
        version: "RubricVersion",
        f"jobs/{world.job.pk}": "Job",
        f"candidates/{world.application.candidate_id}": "Candidate",
        f"applications/{world.application.pk}": "Application",
        f"screenings/{world.screening.pk}": "Screening",
        f"scorecards/{world.card.pk}": "Scorecard",
        f"users/{world.chi.pk}": "User",
    }
    for path, shape in checked.items():
        answer = api.get(path)
        assert answer.status_code == 200, path
        validate({"$ref": f"#/components/schemas/{shape}"}, answer.json())
    for path, methods in description()["paths"].items():
        operation = methods.get("get", {})
        if operation.get("operationId", "").startswith("list"):
            answer = api.get(path)
            assert answer.json()["data"], path
            schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
            validate(schema, answer.json())


@pytest.mark.parametrize("mode", ["take_home", "live"])
def test_a_screening_tells_nobody_who_owes_that_it_is_scored(
    api: Api, world: SimpleNamespace, mode: str
) -> None:
    """Bob manages and owes a scorecard of another stage."""
    world.owed.delete()
    Assignment.objects.filter(pk=world.screening.pk).update(mode=mode)
    stage = factories.loop(factories.job(), version=world.version).stages.get()
    factories.scorecard(factories.assignment(world.application, stage), world.bob)
    bob = api.as_(world.bob)
    unscored = {"take_home": "handed_in", "live": "planned"}[mode]
    told = []
    for status in (unscored, "scored"):
        rows = Assignment.objects.filter(pk=world.screening.pk)
        rows.update(status=status, updated_at=timezone.now())
        assert str(world.screening.pk) not in ids(bob.get("screenings?status=scored"))
        told.append(bob.get(f"screenings/{world.screening.pk}").json())
    assert told[0] == told[1]
    assert told[0]["status"] == unscored


def test_who_is_rejected_in_the_ats_is_owed_nothing_any_more(
    api: Api, world: SimpleNamespace
) -> None:
    link = factories.invitation(world.application)
    body = {
        "job": {"id": str(world.job.pk)},
        "candidate": {"id": str(world.application.candidate_id)},
        "status": "rejected",
    }
    assert api.put("applications/external/ats/A1", body).status_code == 200
    link.refresh_from_db()
    assert not link.is_live
    assert not Scorecard.objects.owed_by(world.dev).exists()
    assert str(world.card.pk) in ids(api.get("scorecards"))
