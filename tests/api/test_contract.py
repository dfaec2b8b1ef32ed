"""The contract, point by point: general, errors, authentication."""

import base64
import json
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import ApiToken, Event, User
from tests import factories
from tests.api.answers import GREENHOUSE, KIM, problem
from tests.api.conftest import Api

pytestmark = pytest.mark.django_db

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
