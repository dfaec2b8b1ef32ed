import pytest

from accounts.models import Event
from candidates.models import ApplicationStatus
from lib.errors import Refused
from screening.actions.decisions import record_decision
from screening.models import Conflict, Decision, Scorecard
from screening.queries.results import result_of
from tests import factories
from tests.screening.panels import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World(candidates=1)


@pytest.fixture
def application(world):
    return world.applications[0]


def decide(by, application, outcome="hire", reason="Strong on data."):
    return record_decision(by=by, application=application, outcome=outcome, reason=reason)


def test_the_manager_decides_with_a_reason(world, application):
    before = result_of(application)
    made = decide(world.bob, application, reason="  Strong on data. ")
    assert (made.outcome, made.reason, made.by) == ("hire", "Strong on data.", world.bob)
    event = Event.objects.get(verb="record_decision")
    assert (event.by, event.object_id, event.job_id) == (world.bob, application.pk, world.job.pk)
    assert event.reason == "Strong on data."
    application.refresh_from_db()
    assert application.status == ApplicationStatus.IN_PROCESS
    assert result_of(application) == before


def test_the_same_again_is_the_same_row(world, application):
    assert decide(world.bob, application) == decide(world.bob, application)
    assert Decision.objects.count() == Event.objects.filter(verb="record_decision").count() == 1


def test_a_changed_mind_is_a_new_row(world, application):
    for outcome in ("hire", "no_hire", "hire"):
        decide(world.bob, application, outcome)
    assert [d.outcome for d in application.decisions.all()] == ["hire", "no_hire", "hire"]


@pytest.mark.parametrize(
    ("outcome", "reason", "sentence"),
    [
        ("hire", "  ", "Say why"),
        ("maybe", "Because.", "Choose hire"),
        ("hire", "x" * 2001, "Keep the reason below 2000"),
    ],
)
def test_what_is_no_decision_is_refused(world, application, outcome, reason, sentence):
    with pytest.raises(Refused, match=sentence):
        decide(world.bob, application, outcome, reason)
    assert not Decision.objects.exists()


def test_recruiters_decide_only_where_the_job_says_so(world, application):
    with pytest.raises(Refused, match="Only the hiring manager"):
        decide(world.alice, application)
    world.job.recruiter_decides = True
    world.job.save()
    assert decide(world.alice, application).by == world.alice


def test_nobody_else_decides(world, application):
    other = factories.manager()
    factories.job(team={other: "hiring_manager"})
    for user in (world.panel[0], factories.admin(), factories.recruiter(), other):
        with pytest.raises(Refused, match="Only the hiring manager"):
            decide(user, application)


def test_who_owes_a_scorecard_or_has_a_conflict_does_not_decide(world, application):
    card = factories.scorecard(application.assignments.get(), world.bob)
    with pytest.raises(Refused, match="Only the hiring manager"):
        decide(world.bob, application)
    Scorecard.objects.filter(pk=card.pk).delete()
    Conflict.objects.create(application=application, user=world.bob, reason="A friend.")
    with pytest.raises(Refused, match="Only the hiring manager"):
        decide(world.bob, application)


def test_a_shut_debrief_has_no_decision(world):
    application = factories.application(world.job)
    with pytest.raises(Refused, match="once the debrief is open"):
        decide(world.bob, application)
