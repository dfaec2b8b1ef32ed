"""The contract of writing: created, updated, unchanged, stale; references; who may."""

import threading
import uuid
from typing import Any

import pytest
from django.db import connections

from accounts.models import Event, User
from candidates.models import Application, Candidate, ExternalId, Job
from tests import factories
from tests.api.answers import GREENHOUSE, KIM, problem
from tests.api.conftest import Api

pytestmark = pytest.mark.django_db


def result(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.headers["Upsert-Result"]


def test_u1_created_updated_unchanged(api: Api) -> None:
    made = api.put(GREENHOUSE, KIM)
    assert result(made) == (201, "created")
    assert made.json()["external_ids"] == [{"source": "greenhouse", "id": "17130732003"}]
    events = Event.objects.filter(is_read=False).count()
    again = api.put(GREENHOUSE, KIM)
    assert result(again) == (200, "unchanged")
    assert again.json() == made.json()
    assert Event.objects.filter(is_read=False).count() == events
    other = api.put(GREENHOUSE, {"last_name": "Larsson"})
    assert result(other) == (200, "updated")
    assert other.json()["version"] == made.json()["version"] + 1
    assert other.json()["first_name"] == "Kim"
    assert Candidate.objects.count() == 1


def test_u1_a_source_has_a_form_and_an_id_may_have_slashes(api: Api) -> None:
    for source in ("Greenhouse", "-x", "a" * 33, "a b"):
        problem(api.put(f"candidates/external/{source}/1", KIM), 400, "validation_error")
    assert api.put("candidates/external/ats/a%2Fb/c", KIM).status_code == 201
    assert api.get("candidates/external/ats/a/b/c").status_code == 200


@pytest.mark.parametrize("kind", ["jobs", "candidates", "applications"])
def test_u2_older_news_is_stale(api: Api, kind: str) -> None:
    factories.level()
    one = factories.application(factories.job())
    bodies = {
        "jobs": {"title": "Backend", "level": "senior"},
        "candidates": KIM,
        "applications": {
            "job": {"id": str(one.job_id)},
            "candidate": {"id": str(api.post("candidates", KIM).json()["id"])},
        },
    }
    changes = {
        "jobs": {"title": "New"},
        "candidates": {"last_name": "New"},
        "applications": {"source": "New"},
    }
    path = f"{kind}/external/ats/1"
    new, old = "2026-11-18T09:00:01Z", "2026-11-18T09:00:00Z"
    made = api.put(path, {**bodies[kind], "source_updated_at": new})
    assert result(made) == (201, "created")
    late = api.put(path, {**changes[kind], "source_updated_at": old})
    assert result(late) == (200, "stale")
    assert late.json() == made.json()
    # Newer news with the same facts moves the source's time only.
    same = api.put(path, {**bodies[kind], "source_updated_at": "2026-11-19T09:00:00Z"})
    assert result(same) == (200, "unchanged")
    assert same.json()["version"] == made.json()["version"]
    assert result(api.put(path, {**changes[kind], "source_updated_at": new})) == (200, "stale")


def test_u3_missing_properties_keep_their_value_and_null_empties(api: Api) -> None:
    api.put(GREENHOUSE, {**KIM, "title": "Engineer", "emails": [{"value": "kim@example.com"}]})
    found = api.put(GREENHOUSE, {"title": None}).json()
    assert found["title"] is None
    assert found["emails"] == [{"value": "kim@example.com", "type": "other"}]


def test_u3_references_by_id_or_external_id(api: Api) -> None:
    factories.level()
    api.put("jobs/external/ats/J1", {"title": "Backend", "level": "senior"})
    person = api.put(GREENHOUSE, KIM).json()
    body = {
        "job": {"external": {"source": "ats", "id": "J1"}},
        "candidate": {"id": person["id"]},
        "status": "rejected",
    }
    made = api.put("applications/external/ats/A1", body)
    assert result(made) == (201, "created")
    assert made.json()["status"] == "rejected"
    assert made.json()["candidate_id"] == person["id"]
    again = api.put("applications/external/ats/A1", {**body, "status": "in_process"})
    assert result(again) == (200, "updated")
    problem(api.post("applications", body), 409, "conflict")
    # A second external id for the same application is no second application.
    assert result(api.put("applications/external/other/A9", body)) == (200, "updated")
    assert Application.objects.count() == 1


def test_u3_an_unknown_reference_is_409_with_its_pointer(api: Api) -> None:
    hidden = factories.job(is_confidential=True)
    person = api.put(GREENHOUSE, KIM).json()["id"]
    for job in (
        {"id": str(uuid.uuid4())},
        {"id": str(hidden.pk)},
        {"external": {"source": "x", "id": "1"}},
    ):
        sent = {"job": job, "candidate": {"id": person}}
        found = problem(api.put("applications/external/ats/A1", sent), 409, "unresolved_reference")
        assert found["errors"][0]["pointer"] == "/job"


@pytest.mark.django_db(transaction=True)
def test_u4_two_clients_at_once_make_one_row(api: Api) -> None:
    clients, start, answers = 6, threading.Barrier(6), []

    def put(n: int) -> None:
        start.wait()
        answers.append(result(Api(api.key).put(GREENHOUSE, {**KIM, "last_name": f"L{n}"})))
        connections.close_all()

    threads = [threading.Thread(target=put, args=(n,)) for n in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(status for status, _result in answers) == [200] * (clients - 1) + [201]
    assert Candidate.objects.count() == 1
    assert ExternalId.objects.count() == 1


def test_u7_two_people_may_share_an_address(api: Api) -> None:
    sent = {**KIM, "emails": [{"value": "team@example.com"}]}
    ids = {api.put(f"candidates/external/ats/{n}", sent).json()["id"] for n in range(2)}
    assert len(ids) == 2


def test_what_the_api_creates_it_can_read(api: Api) -> None:
    alice, other = factories.recruiter(), factories.recruiter("Otto Other")
    made = api.as_(alice).post("candidates", KIM)
    assert made.status_code == 201
    path = made["Location"]
    assert api.as_(alice).get(path).status_code == 200
    assert api.get(path).status_code == 200
    assert api.as_(other).get(path).status_code == 404


def test_upserts_keep_to_what_the_actor_may_write(api: Api) -> None:
    alice, other = factories.recruiter(), factories.recruiter("Otto Other")
    of = factories.job(team={alice: "recruiter"})
    ExternalId.objects.create(source="ats", value="1", job=of)
    problem(api.as_(other).put("jobs/external/ats/1", {"title": "Mine"}), 404, "not_found")
    assert result(api.as_(alice).put("jobs/external/ats/1", {"title": "Ours"})) == (200, "updated")
    assert Job.objects.get().title == "Ours"
    chi = factories.interviewer()
    problem(api.as_(chi).post("jobs", {"title": "x", "level": "senior"}), 403, "not_permitted")
    problem(api.as_(chi).put("jobs/external/ats/2", {"title": "x"}), 404, "not_found")


def test_etags(api: Api) -> None:
    made = api.put(GREENHOUSE, KIM)
    path = f"candidates/{made.json()['id']}"
    tag = api.get(path)["ETag"]
    assert tag == '"1"'
    assert api.get(path, if_none_match=tag).status_code == 304
    assert api.get(path, if_none_match='W/"1"').status_code == 304
    assert api.get(path, if_none_match='"2"').status_code == 200


def test_me_says_who_and_what(api: Api, ada: User) -> None:
    found = api.get("me").json()
    assert found["acts_for"]["id"] == str(ada.pk)
    assert "jobs:read" in found["scopes"]
    assert found["limits"]["page_size"] == 200
    assert api.send("HEAD", "me").status_code == 200
    assert Api().send("HEAD", "jobs").status_code == 401


def test_a_refused_second_application_changes_nothing(api: Api, ada: User) -> None:
    made = factories.application(factories.job(team={ada: "recruiter"}), source="Referral")
    body = {
        "job": {"id": str(made.job_id)},
        "candidate": {"id": str(made.candidate_id)},
        "source": "New",
        "status": "rejected",
    }
    problem(api.post("applications", body), 409, "conflict")
    made.refresh_from_db()
    assert (made.status, made.source, made.version) == ("in_process", "Referral", 1)


def test_who_only_interviews_for_a_confidential_job_learns_its_title(
    api: Api, token_for: Any
) -> None:
    rita = factories.recruiter("Rita Recruiter")
    facts = {"department": "Payments", "requirements": "CANARY"}
    job = factories.job(team={rita: "interviewer"}, is_confidential=True, **facts)
    factories.job(**facts)
    rows = {row["id"]: row for row in token_for(rita).get("jobs").json()["data"]}
    shown = rows.pop(str(job.pk))
    assert (shown["department"], shown["requirements"]) == (None, None)
    assert [row["department"] for row in rows.values()] == ["Payments"]
