"""Exports through the API: asked for, watched, downloaded, gone."""

import uuid
import zipfile
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import override_settings

from lib.work import WorkStatus
from reports.actions import render_report
from reports.models import Export, Report
from tests import factories
from tests.api.conftest import Api
from tests.api.test_openapi import validate

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> SimpleNamespace:
    alice, chi = factories.recruiter(), factories.interviewer()
    job = factories.job(team={alice: "recruiter", chi: "interviewer"})
    stage = factories.loop(job).stages.get()
    applications = [factories.application(job), factories.application(job, name="Lu Chen")]
    for application in applications:
        screening = factories.assignment(application, stage)
        factories.submitted_scorecard(screening, chi, {"c1": 3, "c2": 2, "c3": 4}, revision=1)
    return SimpleNamespace(**locals())


def ask(api: Api, *applications: Any, **more: Any) -> Any:
    ids = [str(one.pk) for one in applications]
    return api.post("exports", {"type": "scorecard_pdf", "application_ids": ids}, **more)


def finish() -> None:
    """What a worker does."""
    for pk in Report.objects.filter(status=WorkStatus.QUEUED).values_list("pk", flat=True):
        render_report(pk)


def valid(answer: Any) -> dict[str, Any]:
    body = answer.json()
    validate({"$ref": "#/components/schemas/Export"}, body)
    return dict(body)


def test_e1_asked_for_made_downloaded(api: Api, world: SimpleNamespace) -> None:
    alice = api.as_(world.alice)
    asked = ask(alice, world.applications[0], prefer="respond-async")
    assert asked.status_code == 202
    assert asked["Retry-After"]
    assert asked["Preference-Applied"] == "respond-async"
    body = valid(asked)
    assert body["status"] == "queued"
    assert len(body["pinned"]) == 1
    where = asked["Location"]
    waiting = alice.get(where)
    assert waiting["Retry-After"]
    early = alice.get(f"{where}/file")
    assert (early.status_code, early.json()["code"]) == (409, "invalid_state")
    finish()
    done = alice.get(where)
    assert "Retry-After" not in done
    body = valid(done)
    assert (body["status"], body["progress"]) == ("succeeded", 100)
    assert body["result"]["media_type"] == "application/pdf"
    assert body["result"]["pages"] >= 1
    file = alice.get(body["result"]["href"], accept="application/pdf")
    content = b"".join(file.streaming_content)
    assert content.startswith(b"%PDF")
    assert len(content) == body["result"]["bytes"]
    assert file["X-Content-Type-Options"] == "nosniff"
    assert file["Cache-Control"] == "private, no-store"
    assert file["Content-Disposition"].startswith("attachment")


def test_e0_several_are_a_zip(api: Api, world: SimpleNamespace) -> None:
    alice = api.as_(world.alice)
    where = ask(alice, *world.applications)["Location"]
    finish()
    body = valid(alice.get(where))
    assert body["result"]["media_type"] == "application/zip"
    file = alice.get(f"{where}/file")
    names = zipfile.ZipFile(BytesIO(b"".join(file.streaming_content))).namelist()
    assert names == [f"{one.code}.pdf" for one in world.applications]


def test_e2_nobody_elses_and_gone_after_deletion(api: Api, world: SimpleNamespace) -> None:
    alice = api.as_(world.alice)
    where = ask(alice, world.applications[0])["Location"]
    finish()
    for path in (where, f"{where}/file"):
        assert api.get(path).status_code == 404
    assert api.send("DELETE", where).status_code == 404
    assert alice.send("DELETE", where).status_code == 204
    assert valid(alice.get(where))["status"] == "expired"
    gone = alice.get(f"{where}/file")
    assert (gone.status_code, gone.json()["code"]) == (410, "file_expired")


def test_e2_rights_are_asked_again_at_download(api: Api, world: SimpleNamespace) -> None:
    alice = api.as_(world.alice)
    where = ask(alice, world.applications[0])["Location"]
    finish()
    world.job.team.filter(user=world.alice).delete()
    assert alice.get(f"{where}/file").status_code == 404


def test_e3_what_cannot_be_exported_says_why(api: Api, world: SimpleNamespace) -> None:
    alice = api.as_(world.alice)
    none = factories.application(world.job)
    refused = ask(alice, none)
    assert (refused.status_code, refused.json()["code"]) == (409, "invalid_state")
    foreign = factories.application(factories.job())
    unknown = ask(alice, world.applications[0], foreign)
    assert unknown.status_code == 409
    assert unknown.json()["code"] == "unresolved_reference"
    assert unknown.json()["errors"][0]["pointer"] == "/application_ids/1"
    assert Export.objects.count() == 0


def test_the_same_key_and_body_is_one_export(api: Api, world: SimpleNamespace) -> None:
    alice, one = api.as_(world.alice), world.applications[0]
    first, again = (ask(alice, one, idempotency_key='"c0ffee-1"') for _ in range(2))
    assert first["Location"] == again["Location"]
    assert ask(alice, one, idempotency_key="other")["Location"] != first["Location"]
    assert ask(alice, one, idempotency_key="x" * 256).status_code == 400


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": "csv"},
        {"application_ids": []},
        {"application_ids": [7]},
        {"application_ids": "x"},
        {"preset": "everything"},
        {"paper": "A0"},
        {"locale": "xx"},
        {"codes_instead_of_names": "yes"},
        {"colour": 1},
    ],
)
def test_bodies_are_checked(api: Api, wrong: dict[str, Any]) -> None:
    body = {"type": "scorecard_pdf", "application_ids": [str(uuid.uuid4())], **wrong}
    answer = api.post("exports", body)
    assert (answer.status_code, answer.json()["code"]) == (400, "validation_error")


def test_e5_nothing_is_forgotten_when_the_queue_is_away(
    api: Api, world: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*args: object, **kwargs: object) -> None:
        raise OSError("no broker")

    monkeypatch.setattr("celery.canvas.Signature.apply_async", away)
    with override_settings(CELERY_TASK_ALWAYS_EAGER=False):
        asked = ask(api.as_(world.alice), world.applications[0])
    assert asked.status_code == 202
    assert Report.objects.get().status == WorkStatus.QUEUED
