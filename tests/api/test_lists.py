"""The contract of lists: paging, filters, what is expanded, what they cost."""

import uuid
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from candidates.models import Candidate, ExternalId
from tests import factories
from tests.api.answers import problem
from tests.api.conftest import Api

pytestmark = pytest.mark.django_db


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
