import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from candidates.models import ApplicationStatus
from screening.actions.decisions import record_decision
from tests import factories
from tests.screening.panels import World, get, row_of, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World(candidates=2)


@pytest.fixture
def application(world):
    return world.applications[0]


def test_the_list_says_where_each_stands(client, world, application):
    record_decision(by=world.bob, application=application, outcome="no_hire", reason="Too thin.")
    waiting = factories.application(world.job, code="W-11")
    factories.scorecard(factories.assignment(waiting, world.stage), world.panel[0])
    untouched = factories.application(world.job, code="U-12")
    response = get(client, world.bob, reverse("debriefs"))
    assert 'data-state="decided"' in row_of(response, application)
    assert "No hire" in row_of(response, application)
    assert 'data-state="open"' in row_of(response, world.applications[1])
    assert "4 of 4" in row_of(response, world.applications[1])
    assert 'data-state="waiting"' in row_of(response, waiting)
    assert "0 of 1" in row_of(response, waiting)
    assert untouched.code not in text(response)


def test_the_list_filters_by_job_and_status(client, world, application):
    other = World(candidates=1, letter="P")
    other.job.team.create(user=world.bob, role="hiring_manager")
    other.applications[0].code = "O-01"
    other.applications[0].status = ApplicationStatus.HIRED
    other.applications[0].save()
    listed = text(get(client, world.bob, reverse("debriefs")))
    assert application.code in listed
    assert "O-01" not in listed
    one_job = text(client.get(reverse("debriefs"), {"job": other.job.pk, "status": "all"}))
    assert "O-01" in one_job
    assert application.code not in one_job
    assert client.get(reverse("debriefs"), {"job": "nonsense"}).status_code == 200


def test_the_list_shows_pages_and_few_queries(client):
    small, big = World(candidates=1), World(candidates=51, letter="M")
    counts = []
    for world in (small, big):
        get(client, world.bob, reverse("debriefs"))
        with CaptureQueriesContext(connection) as queries:
            response = client.get(reverse("debriefs"))
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 20
    assert response.content.count(b'data-testid="debrief-row"') == 50
    assert b"page=2" in response.content


def test_everybody_signed_in_reads_the_method(client, world):
    found = text(get(client, world.panel[0], reverse("method")))
    assert "What it cannot do" in found
    assert "No score decides anything." in found
    client.logout()
    assert client.get(reverse("method")).status_code == 302
