import re

import pytest

from accounts.models import Event
from candidates.actions.people import (
    apply,
    create_candidate,
    set_application_status,
    update_candidate,
)
from candidates.models import Application, JobStatus
from lib.errors import Refused
from tests import factories

pytestmark = pytest.mark.django_db


def test_an_address_is_kept_in_lower_case():
    kim = create_candidate(by=None, first_name="Kim", last_name="Larsen", email="Kim@Example.org")
    assert kim.email == "kim@example.org"
    assert kim.emails == [{"value": "kim@example.org", "type": "personal"}]


def test_two_people_may_share_an_address():
    for name in ("Kim", "Lou"):
        create_candidate(by=None, first_name=name, last_name="", email="us@example.org")


@pytest.mark.parametrize("facts", [{"first_name": ""}, {"email": "no address"}])
def test_bad_facts_are_refused(facts):
    with pytest.raises(Refused):
        create_candidate(by=None, **{"first_name": "Kim", "last_name": "Larsen", **facts})


def test_a_person_applies_once_for_a_job():
    job = factories.job()
    kim = create_candidate(by=None, first_name="Kim", last_name="Larsen")
    first, second = (apply(by=None, job=job, candidate=kim) for _ in range(2))
    assert first == second
    assert re.fullmatch(r"[A-Z]-\d{2,5}", first.code)
    assert Event.objects.filter(verb="apply").count() == 1


def test_codes_differ_even_when_the_draw_repeats(monkeypatch):
    job = factories.job()
    drawn = iter(["A-11", "A-11", "A-11", "B-12"])
    monkeypatch.setattr("candidates.actions.people.draw_code", lambda attempt: next(drawn))
    for name in ("Kim", "Lou"):
        apply(
            by=None,
            job=job,
            candidate=create_candidate(by=None, first_name=name, last_name=""),
        )
    assert set(Application.objects.values_list("code", flat=True)) == {"A-11", "B-12"}


def test_a_closed_job_takes_nobody_new():
    kim = create_candidate(by=None, first_name="Kim", last_name="")
    with pytest.raises(Refused):
        apply(by=None, job=factories.job(status=JobStatus.CLOSED), candidate=kim)


def test_a_status_is_set_once_and_recorded():
    alice = factories.recruiter()
    application = factories.application(factories.job(team={alice: "recruiter"}))
    for _ in range(2):
        set_application_status(by=alice, application=application, status="rejected")
    assert application.version == 2
    assert Event.objects.filter(verb="set_application_status").count() == 1


def test_no_other_status_than_the_four():
    application = factories.application(factories.job())
    with pytest.raises(Refused):
        set_application_status(by=None, application=application, status="hold")


def test_updating_a_person_names_the_fields_and_not_the_values():
    kim = create_candidate(by=None, first_name="Kim", last_name="Larsen")
    kim = update_candidate(by=None, candidate=kim, last_name="Canary")
    assert kim.version == 2
    event = Event.objects.get(verb="update_candidate")
    assert event.changed == ["last_name"]
    assert "Canary" not in event.reason
