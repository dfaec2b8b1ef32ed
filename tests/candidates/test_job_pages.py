import pytest
from django.urls import reverse

from candidates.models import Job, TeamMember
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice():
    return factories.recruiter()


@pytest.fixture
def chi():
    return factories.interviewer()


@pytest.fixture
def job(alice):
    return factories.job(team={alice: "recruiter"})


def facts(**more):
    return {
        "title": "Backend engineer",
        "level": factories.level().pk,
        "retention_days": 180,
        "status": "open",
        **more,
    }


def test_a_job_is_opened_with_its_team(client, alice, chi):
    bob = factories.manager()
    client.force_login(alice)
    answer = client.post(
        reverse("job_new"), facts(managers=[bob.pk], interviewers=[chi.pk]), follow=True
    )
    made = Job.objects.get()
    assert {(m.user, m.role) for m in made.team.all()} == {
        (alice, "recruiter"),
        (bob, "hiring_manager"),
        (chi, "interviewer"),
    }
    assert "New loop" in answer.content.decode()


@pytest.mark.parametrize(
    "wrong", [{"title": ""}, {"level": "x"}, {"title": "a\x00b"}, {"title": "x" * 500}]
)
def test_bad_facts_come_back_with_the_form(client, alice, wrong):
    client.force_login(alice)
    assert client.post(reverse("job_new"), facts(**wrong)).status_code == 422
    assert not Job.objects.exists()


def test_a_job_is_edited(client, alice, job):
    client.force_login(alice)
    url = reverse("job", args=[job.pk])
    assert client.post(url, facts(title="Platform engineer")).status_code == 302
    job.refresh_from_db()
    assert job.title == "Platform engineer"
    assert client.post(url, facts(title="")).status_code == 422


def test_people_join_and_leave(client, alice, chi, job):
    client.force_login(alice)
    for _ in range(2):
        client.post(reverse("member_add", args=[job.pk]), {"user": chi.pk, "role": "interviewer"})
    member = TeamMember.objects.get(user=chi)
    client.post(reverse("member_remove", args=[job.pk, member.pk]))
    assert job.team.count() == 1


def test_the_last_who_manages_stays(client, alice, job):
    client.force_login(alice)
    member = job.team.get()
    answer = client.post(reverse("member_remove", args=[job.pk, member.pk]), follow=True)
    assert "needs a recruiter or a hiring manager" in answer.content.decode()
    assert job.team.count() == 1


def test_a_member_of_another_team_is_not_found(client, alice, job):
    client.force_login(alice)
    other = factories.job(team={factories.recruiter("Charlie Other"): "recruiter"}).team.get()
    assert client.post(reverse("member_remove", args=[job.pk, other.pk])).status_code == 404


def test_only_the_team_edits_a_job(client, chi, job):
    job.team.create(user=chi, role="interviewer")
    strangers = [chi, factories.recruiter("Charlie Other"), factories.manager("Cleo Other")]
    for user in strangers:
        client.force_login(user)
        for name in ("job", "member_add"):
            assert client.post(reverse(name, args=[job.pk]), facts()).status_code == 404
    client.force_login(factories.admin())
    assert client.get(reverse("job", args=[job.pk])).status_code == 200


def test_an_interviewer_opens_no_job(client, chi):
    client.force_login(chi)
    assert client.get(reverse("job_new")).status_code == 404
