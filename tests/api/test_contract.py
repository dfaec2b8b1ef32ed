"""The contract, point by point: general, authentication, paging, upsert."""

import base64
import json
import threading
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import ApiToken, Event, User
from candidates.models import Application, Candidate, ExternalId, Job
from tests import factories
from tests.api.conftest import Api

pytestmark = pytest.mark.django_db

KIM = {"first_name": "Kim", "last_name": "Larsen"}
GREENHOUSE = "candidates/external/greenhouse/17130732003"


def problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    body = json.loads(answer.content)
    assert body["code"] == code
    assert body["status"] == status
    assert body["request_id"] == answer["X-Request-Id"]
    return body


# --- General ---------------------------------------------------------------------------------


def test_g1_absent_values_are_null(api: Api) -> None:
    made = api.post("candidates", {"first_name": "Kim"}).json()
    assert made["last_name"] is None
    assert made["merged_into"] is None
    assert made["emails"] == []


def test_g2_times_are_utc_and_need_an_offset(api: Api) -> None:
    sent = {**KIM, "source_updated_at": "2026-11-18T11:00:00+02:00"}
    assert api.post("candidates", sent).json()["source_updated_at"] == "2026-11-18T09:00:00Z"
    bare = problem(
        api.post("candidates", {**KIM, "source_updated_at": "2026-11-18T11:00:00"}),
        400,
        "validation_error",
    )
    assert bare["errors"][0]["pointer"] == "/source_updated_at"
    assert bare["errors"][0]["code"] == "no_offset"
    asked = problem(
        api.get("candidates?created_since=2026-11-18T11:00:00"), 400, "validation_error"
    )
    assert asked["errors"][0] == {
        "parameter": "created_since",
        "code": "no_offset",
        "detail": "Give a UTC offset or Z.",
    }


def test_g3_foreign_ids_are_strings(api: Api) -> None:
    by_number = {"external": {"source": "greenhouse", "id": 17}}
    body = {"job": by_number, "candidate": by_number}
    found = problem(api.post("applications", body), 400, "validation_error")
    assert {"/job/external/id", "/candidate/external/id"} == {e["pointer"] for e in found["errors"]}
    problem(api.put(f"candidates/external/x/{'9' * 192}", KIM), 400, "validation_error")


def test_g4_unknown_parameters_and_properties_are_refused(api: Api) -> None:
    found = problem(api.get("candidates?colour=red"), 400, "validation_error")
    assert found["errors"][0]["parameter"] == "colour"
    problem(api.get("me?colour=red"), 400, "validation_error")
    sent = problem(api.post("candidates", {**KIM, "colour": "red"}), 400, "validation_error")
    assert sent["errors"] == [
        {"pointer": "/colour", "code": "unknown", "detail": "There is no such property."}
    ]


def test_g4_an_upsert_ignores_unknown_properties(api: Api) -> None:
    assert api.put(GREENHOUSE, {**KIM, "colour": "red"}).status_code == 201


def test_g5_every_answer_has_a_request_id(api: Api, nobody: Api) -> None:
    for answer in (api.get("me"), nobody.get("me"), nobody.get("nowhere")):
        assert uuid.UUID(answer["X-Request-Id"])


def test_g6_forbidden_looks_like_unknown(api: Api) -> None:
    secret = factories.job(is_confidential=True)
    hidden = api.get(f"jobs/{secret.pk}")
    unknown = api.get(f"jobs/{uuid.uuid4()}")
    bodies = []
    for answer in (hidden, unknown):
        body = problem(answer, 404, "not_found")
        bodies.append({k: v for k, v in body.items() if k not in {"instance", "request_id"}})
    assert bodies[0] == bodies[1]


@pytest.mark.parametrize("path", ["/api/", "/api/v1", "/api/v2/jobs", "/api/v1/jobs/", "/api/v1/x"])
def test_g7_paths_without_a_route_answer_a_problem(nobody: Api, path: str) -> None:
    problem(nobody.get(path), 404, "not_found")


def test_g7_elsewhere_people_get_a_page(nobody: Api) -> None:
    assert nobody.get("/nowhere")["Content-Type"].startswith("text/html")


def test_g7_a_host_that_is_not_ours_is_a_problem(nobody: Api) -> None:
    answer = nobody.get("me", host="evil.example")
    problem(answer, 400, "validation_error")


# --- Errors ----------------------------------------------------------------------------------


def test_wrong_methods_types_and_sizes(api: Api) -> None:
    refused = api.send("DELETE", "jobs")
    problem(refused, 405, "method_not_allowed")
    assert "GET" in refused["Allow"]
    problem(api.send("OPTIONS", "jobs"), 405, "method_not_allowed")
    problem(api.get("jobs", accept="text/html"), 406, "not_acceptable")
    as_form = api.send("POST", "candidates", b"a=b", content_type="text/csv")
    problem(as_form, 415, "unsupported_media_type")
    problem(api.post("candidates", b'"' + b"x" * 1_100_000 + b'"'), 413, "too_large")
    chunked = api.send("POST", "candidates", b"", transfer_encoding="chunked")
    problem(chunked, 411, "length_required")
    problem(api.post("candidates", b"{"), 400, "malformed_json")
    problem(api.post("candidates", b'{"first_name":"\xff"}'), 400, "malformed_json")


def test_errors_point_into_the_body(api: Api) -> None:
    sent = {"emails": [{"value": "kim@example.com"}, {"value": "no"}], "is_private": "yes"}
    found = problem(api.post("candidates", sent), 400, "validation_error")
    assert [(e["pointer"], e["code"]) for e in found["errors"]] == [
        ("/first_name", "required"),
        ("/emails/1/value", "invalid"),
        ("/is_private", "invalid"),
    ]


def test_a_database_that_is_away_is_503(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import OperationalError

    def away(*args: object) -> None:
        raise OperationalError("secret host name")

    monkeypatch.setattr("candidates.queries.api.jobs", away)
    answer = api.get("jobs")
    body = problem(answer, 503, "unavailable")
    assert "secret" not in body["detail"]
    assert answer["Retry-After"]


def test_a_bug_is_a_problem_without_internals(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object) -> None:
        raise RuntimeError("secret path")

    monkeypatch.setattr("candidates.queries.api.jobs", broken)
    assert "secret" not in json.dumps(problem(api.get("jobs"), 500, "server_error"))


# --- Authentication --------------------------------------------------------------------------


def test_a1_keys_have_their_form_and_are_stored_as_digests(api: Api) -> None:
    scheme, prefix, secret = api.key.split("_", 2)
    assert (scheme, len(prefix), len(secret)) == ("scr", 8, 43)
    assert len(api.key) < 171
    row = ApiToken.objects.get(prefix=prefix)
    assert secret not in str(row.__dict__)


def test_a2_use_is_noted_at_most_once_a_minute(api: Api) -> None:
    api.get("me")
    first = ApiToken.objects.get().last_used_at
    api.get("me")
    assert ApiToken.objects.get().last_used_at == first is not None


def test_a2_revoked_expired_and_makers_who_left(api: Api, ada: User) -> None:
    token = ApiToken.objects.all()
    token.update(expires_at=timezone.now() - timedelta(seconds=1))
    problem(api.get("me"), 401, "token_expired")
    token.update(expires_at=None, revoked_at=timezone.now())
    problem(api.get("me"), 401, "invalid_token")
    token.update(revoked_at=None)
    User.objects.filter(pk=ada.pk).update(is_active=False)
    problem(api.get("me"), 401, "invalid_token")


def test_a2_allowed_addresses(api: Api) -> None:
    token = ApiToken.objects.all()
    token.update(allowed_cidrs=["10.0.0.0/8"])
    problem(api.get("me"), 401, "invalid_token")
    token.update(allowed_cidrs=["10.0.0.0/8", "127.0.0.1/32"])
    assert api.get("me").status_code == 200


def test_a3_bearer_and_basic(api: Api, nobody: Api) -> None:
    basic = base64.b64encode(f"{api.key}:".encode()).decode()
    for header in (f"Bearer {api.key}", f"bearer {api.key}", f"Basic {basic}"):
        assert nobody.get("me", authorization=header).status_code == 200


@pytest.mark.parametrize(
    "header",
    [
        *("Bearer", "Bearer ", "Basic ", "Basic !!!", "Basic é", "Basic /w==", "Digest x", "ÿþ"),
        *("Bearer é", "Bearer " + "x" * 5000, ",", "Basic /zo=", "Basic AAAA"),
    ],
)
def test_a3_malformed_headers_are_401(nobody: Api, header: str) -> None:
    answer = nobody.get("me", authorization=header)
    problem(answer, 401, "invalid_token")
    assert answer["WWW-Authenticate"] == "Bearer"


def test_a4_no_token_is_401_and_a_missing_scope_403(
    nobody: Api, ada: User, token_for: Callable[..., Api]
) -> None:
    answer = nobody.get("jobs")
    problem(answer, 401, "not_authenticated")
    assert answer["WWW-Authenticate"] == "Bearer"
    refused = problem(token_for(ada, "users:read").get("jobs"), 403, "insufficient_scope")
    assert refused["required_scopes"] == ["jobs:read"]


def test_a5_who_is_acted_for_narrows_the_rights(api: Api) -> None:
    alice, other = factories.recruiter(), factories.recruiter("Otto Other")
    of = factories.job(team={alice: "recruiter"})
    application = factories.application(of)
    for actor, status in ((alice, 200), (other, 404)):
        for name in (str(actor.pk), actor.email.upper()):
            found = Api(api.key, name).get(f"applications/{application.pk}")
            assert found.status_code == status
    problem(api.as_(other).get("users"), 403, "not_permitted")


@pytest.mark.parametrize("name", ["x", str(uuid.UUID(int=1)), "who@example.org", "\xff", "a" * 900])
def test_a5_an_unknown_actor_is_403(api: Api, name: str) -> None:
    problem(Api(api.key, name).get("me"), 403, "unknown_actor")


def test_a5_an_actor_who_left_is_403(api: Api) -> None:
    gone = factories.recruiter(is_active=False)
    problem(api.as_(gone).get("me"), 403, "unknown_actor")


def test_a5_token_and_actor_are_both_in_the_ledger(api: Api) -> None:
    alice = factories.recruiter()
    api.as_(alice).post("candidates", KIM)
    event = Event.objects.get(verb="create_candidate")
    assert event.by == alice
    assert event.token == ApiToken.objects.get()


# --- Lists -----------------------------------------------------------------------------------


def walk(api: Api, path: str) -> list[str]:
    found = []
    while path:
        answer = api.get(path)
        assert answer.status_code == 200, answer.content
        page = answer.json()
        found += [row["id"] for row in page["data"]]
        assert page["has_more"] == (page["next_cursor"] is not None)
        link = answer.headers.get("Link", "")
        assert bool(link) == page["has_more"]
        path = ""
        if link:
            path = link.removeprefix("<").removesuffix('>; rel="next"')
            assert path.startswith("http://testserver/api/v1/")
            path = path.removeprefix("http://testserver")
    return found


def people(count: int, *, same_time: bool = False) -> list[Candidate]:
    made = Candidate.objects.bulk_create(Candidate(first_name=f"P{n}") for n in range(count))
    if same_time:
        Candidate.objects.update(created_at=timezone.now())
    return made


def test_p1_the_envelope_has_no_totals(api: Api) -> None:
    people(3)
    page = api.get("candidates?page_size=2").json()
    assert set(page) == {"data", "has_more", "next_cursor", "sync_token", "as_of"}
    assert page["as_of"].endswith("Z")


@pytest.mark.parametrize("size", ["0", "201", "-1", "x", "", "1e3", "000000001999", "٣"])
def test_p2_page_size_out_of_range(api: Api, size: str) -> None:
    problem(api.get(f"candidates?page_size={size}"), 400, "validation_error")


def test_p3_a_cursor_stands_alone(api: Api) -> None:
    people(5)
    other = factories.application(factories.job())
    page = api.get(f"candidates?page_size=1&email={other.candidate.email}").json()
    assert [row["id"] for row in page["data"]] == [str(other.candidate_id)]
    first = api.get("candidates?page_size=2").json()
    cursor = first["next_cursor"]
    plain = api.get(f"candidates?cursor={cursor}").json()
    beside = api.get(f"candidates?cursor={cursor}&page_size=200&colour=red&email=x").json()
    assert plain["data"] == beside["data"]
    assert len(plain["data"]) == 2


def test_p3_a_bad_cursor_is_named(api: Api) -> None:
    people(3)
    cursor = api.get("candidates?page_size=1").json()["next_cursor"]
    for bad in ("", "x", cursor[:-1] + ("A" if cursor[-1] != "A" else "B"), "%00", "%ff"):
        problem(api.get(f"candidates?cursor={bad}"), 400, "invalid_cursor")
    problem(api.get(f"jobs?cursor={cursor}"), 400, "invalid_cursor")


def test_p4_newest_first(api: Api) -> None:
    made = people(4)
    rows = api.get("candidates").json()["data"]
    times = [row["created_at"] for row in rows]
    assert times == sorted(times, reverse=True)
    assert {row["id"] for row in rows} == {str(one.pk) for one in made}


@pytest.mark.parametrize("size", [1, 7, 25, 60, 200])
def test_p7_every_row_once_at_any_size(api: Api, size: int) -> None:
    made = people(62, same_time=True)
    found = walk(api, f"candidates?page_size={size}")
    assert len(found) == 62
    assert set(found) == {str(one.pk) for one in made}


def test_p7_rows_written_while_walking_hide_none(api: Api) -> None:
    made = {str(one.pk) for one in people(10)}
    first = api.get("candidates?page_size=4").json()
    people(5)
    rest = walk(api, f"candidates?cursor={first['next_cursor']}")
    assert made <= {row["id"] for row in first["data"]} | set(rest)


def test_p11_filters(api: Api) -> None:
    one = factories.application(factories.job(title="One"))
    factories.application(factories.job(title="Two"), name="Lu Chen")
    ExternalId.objects.create(source="greenhouse", value="7", application=one)

    def ids(path: str) -> list[str]:
        return [row["id"] for row in api.get(path).json()["data"]]

    mine = [str(one.pk)]
    assert ids(f"applications?job_id={one.job_id}") == mine
    assert ids(f"applications?candidate_id={one.candidate_id}") == mine
    assert ids(f"applications?ids={one.pk},{uuid.uuid4()}") == mine
    assert ids("applications?external_source=greenhouse&external_id=7") == mine
    assert len(ids("applications?status=in_process")) == 2
    assert ids("applications?status=hired") == []
    person = [str(one.candidate_id)]
    assert ids(f"candidates?job_id={one.job_id}") == person
    assert ids(f"candidates?email={one.candidate.email.upper()}") == person
    assert ids("candidates?created_since=2199-01-01T00:00:00Z") == []
    problem(api.get("applications?external_source=greenhouse"), 400, "validation_error")
    many = ",".join(str(uuid.uuid4()) for _ in range(101))
    problem(api.get(f"applications?ids={many}"), 400, "validation_error")
    problem(api.get("applications?status=in_process&status=hired"), 400, "validation_error")


def test_p11_expand_puts_both_into_each_row(
    api: Api, ada: User, token_for: Callable[..., Api]
) -> None:
    one = factories.application(factories.job())
    row = api.get("applications?expand=candidate,job").json()["data"][0]
    assert row["candidate"]["first_name"] == one.candidate.first_name
    assert row["job"]["title"] == one.job.title
    narrow = token_for(ada, "applications:read")
    problem(narrow.get("applications?expand=candidate"), 403, "insufficient_scope")


def world(count: int) -> None:
    """Jobs with loops, applications with screenings and submitted scorecards."""
    chi = factories.interviewer()
    version = factories.rubric_version()
    for _ in range(count):
        of = factories.job()
        stage = factories.loop(of, version=version).stages.get()
        application = factories.application(of)
        ExternalId.objects.create(source="ats", value=str(of.pk), job=of)
        assignment = factories.assignment(application, stage)
        factories.submitted_scorecard(assignment, chi, {"c1": 3, "c2": 2, "c3": 4})


LISTS = ["jobs", "candidates", "applications", "applications?expand=candidate,job", "users"]
LISTS += ["levels", "exercises", "rubrics", "screenings", "scorecards", "results"]


@pytest.mark.parametrize("path", LISTS)
def test_lists_take_as_many_queries_for_50_rows_as_for_one(api: Api, path: str) -> None:
    world(1)
    api.get(path)  # what is noted or kept once is
    with CaptureQueriesContext(
        connection,
    ) as one:
        assert api.get(path).status_code == 200
    world(49)
    api.get(path)
    with CaptureQueriesContext(connection) as fifty:
        rows = api.get(path).json()["data"]
    if path not in {"users", "levels", "rubrics"}:
        assert len(rows) == 50
    assert len(fifty) <= len(one), "\n".join(q["sql"][:200] for q in fifty.captured_queries)


def test_the_link_carries_all_it_needs(api: Api) -> None:
    people(3)
    answer = api.get("candidates?page_size=2")
    query = parse_qs(urlsplit(answer["Link"].split(">")[0]).query)
    assert query["cursor"] == [answer.json()["next_cursor"]]
    assert query["page_size"] == ["2"]


# --- Upsert ----------------------------------------------------------------------------------


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
