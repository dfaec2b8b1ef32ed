import pytest

from accounts.models import Event
from candidates.actions.jobs import create_job, set_team, update_job
from candidates.models import Job, TeamRole
from lib.errors import Refused
from tests import factories

pytestmark = pytest.mark.django_db


def test_a_recruiter_who_opens_a_job_is_on_its_team():
    alice = factories.recruiter()
    job = create_job(by=alice, title="Backend engineer", level=factories.level())
    assert [(m.user, m.role) for m in job.team.all()] == [(alice, "recruiter")]
    assert Event.objects.filter(verb="create_job", by=alice, job_id=job.pk).count() == 1


def test_a_job_needs_a_title():
    with pytest.raises(Refused):
        create_job(by=factories.recruiter(), title="", level=factories.level())
    assert not Job.objects.exists()
    assert not Event.objects.exists()


def test_an_unknown_fact_is_a_bug_not_a_refusal():
    with pytest.raises(TypeError):
        create_job(by=None, title="Backend", level=factories.level(), salary=1)


def test_a_confidential_job_without_a_manager_would_be_lost():
    with pytest.raises(Refused):
        create_job(by=factories.admin(), title="CTO", level=factories.level(), is_confidential=True)


def test_updating_twice_writes_once():
    alice = factories.recruiter()
    job = create_job(by=alice, title="Backend engineer", level=factories.level())
    for _ in range(2):
        job = update_job(by=alice, job=job, title="Platform engineer")
    assert job.version == 2
    assert Event.objects.get(verb="update_job").changed == ["title"]


def test_a_team_is_set_as_a_whole():
    alice, bob, chi = factories.recruiter(), factories.manager(), factories.interviewer()
    job = factories.job(team={alice: "recruiter"})
    members = [(bob, TeamRole.HIRING_MANAGER), (chi, TeamRole.INTERVIEWER)]
    for _ in range(2):
        set_team(by=alice, job=job, members=members)
    assert {(m.user, m.role) for m in job.team.all()} == {
        (bob, "hiring_manager"),
        (chi, "interviewer"),
    }
    assert Event.objects.filter(verb="set_team").count() == 1


@pytest.mark.parametrize(
    ("make", "role"),
    [(factories.interviewer, "hiring_manager"), (factories.manager, "recruiter")],
)
def test_a_part_in_a_job_needs_the_role(make, role):
    alice = factories.recruiter()
    job = factories.job(team={alice: "recruiter"})
    with pytest.raises(Refused):
        set_team(by=alice, job=job, members=[(alice, "recruiter"), (make(), role)])
    assert job.team.count() == 1


def test_somebody_must_be_left_who_manages():
    alice, chi = factories.recruiter(), factories.interviewer()
    job = factories.job(team={alice: "recruiter"})
    with pytest.raises(Refused):
        set_team(by=alice, job=job, members=[(chi, "interviewer")])


def test_the_level_is_fixed_once_somebody_has_applied():
    job = factories.job(level_key="mid")
    update_job(by=None, job=job, level=factories.level("senior"))
    factories.application(job)
    with pytest.raises(Refused, match="level is fixed"):
        update_job(by=None, job=job, level=factories.level("mid"))
    job.refresh_from_db()
    assert job.level.key == "senior"
