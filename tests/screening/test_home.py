"""Home says what needs whom, and gives nothing of a panel away to who still owes a scorecard."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import ledger
from candidates.models import Application, TeamMember
from screening.actions.assignments import declare_conflict
from screening.actions.decisions import record_decision
from screening.models import Assignment, Decision
from screening.queries.home import home_of
from screening.queries.standing import standing, with_standing
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice():
    return factories.recruiter()


@pytest.fixture
def chi():
    return factories.interviewer()


@pytest.fixture
def job(alice, chi):
    return factories.job(team={alice: "recruiter", chi: "interviewer"})


@pytest.fixture
def loop(job):
    return factories.loop(job)


def complete(job, *, by, **fields):
    """An application whose one stage is scored."""
    application = factories.application(job)
    work = factories.assignment(application, job.loop.stages.first(), status="scored")
    factories.scorecard(work, by, status="submitted", submitted_at=timezone.now(), **fields)
    return application


def late(job, *, by, days=2):
    application = factories.application(job)
    work = factories.assignment(application, job.loop.stages.first())
    card = factories.scorecard(work, by)
    card.due_at = timezone.now() - timedelta(days=days)
    card.save()
    return application


def invited(job, *, hours=20, **fields):
    application = factories.application(job)
    factories.assignment(
        application, job.loop.stages.first(), status="invited", started_at=None, handed_in_at=None
    )
    link = factories.invitation(application, days=0, **fields)
    link.expires_at = timezone.now() + timedelta(hours=hours)
    link.save()
    return application


def test_three_things_need_a_recruiter(client, alice, chi, loop):
    expected = [
        ("debrief", complete(loop.job, by=chi)),
        ("late", late(loop.job, by=chi)),
        ("link", invited(loop.job)),
    ]
    assert [(n.kind, n.application) for n in home_of(alice).needs] == expected
    client.force_login(alice)
    page = client.get(reverse("home")).content.decode()
    assert "3 things need you" in page
    assert "Remind Chi" in page
    assert "copy-link" in page
    assert page.count('data-testid="needs-you-row"') == 3


def test_work_nobody_judges_needs_somebody(alice, loop):
    application = factories.application(loop.job)
    factories.assignment(application, loop.stages.first())
    assert [n.kind for n in home_of(alice).needs] == ["panel"]


def test_a_hiring_manager_has_the_debriefs(alice, chi, loop, job):
    bob = factories.manager()
    job.team.create(user=bob, role="hiring_manager")
    complete(job, by=chi)
    late(job, by=chi)
    invited(job)
    assert [need.kind for need in home_of(bob).needs] == ["debrief"]
    assert [need.kind for need in home_of(alice).needs] == ["debrief", "late", "link"]


@pytest.mark.parametrize("role", ["recruiter", "hiring_manager", "interviewer", "admin"])
def test_no_page_links_to_where_one_may_not_go(client, alice, chi, loop, job, role):
    """Every link inside the pages of the recruiter's vertical leads somewhere, for every role."""
    user = {
        "recruiter": alice,
        "hiring_manager": factories.manager(),
        "interviewer": chi,
        "admin": factories.admin(),
    }[role]
    if role == "hiring_manager":
        job.team.create(user=user, role=role)
    application = late(job, by=chi)
    complete(job, by=chi)
    client.force_login(user)
    places = {
        "home": [],
        "loops": [],
        "loop": [loop.pk],
        "loop_library": [loop.pk],
        "board": [loop.pk],
        "candidates": [],
        "application": [application.pk],
        "job": [job.pk],
    }
    for name, args in places.items():
        answer = client.get(reverse(name, args=args))
        if answer.status_code == 404:
            continue
        main = answer.content.decode().partition("<main")[2]
        for link in set(re.findall(r'<a [^>]*href="(/[^"#?]*)', main)):
            assert client.get(link, follow=True).status_code == 200, (name, link)


def test_what_is_decided_or_over_needs_nobody(alice, chi, loop):
    decided = complete(loop.job, by=chi)
    Decision.objects.create(application=decided, outcome="hire", reason="Strong", by=alice)
    withdrawn = late(loop.job, by=chi)
    withdrawn.status = "withdrawn"
    withdrawn.save()
    found = home_of(alice)
    assert found.needs == []
    assert found.due == []
    assert found.loops[0].counts["decided"] == 1


def test_counts_tiles_and_deadlines(alice, chi, loop):
    complete(loop.job, by=chi)
    late(loop.job, by=chi)
    invited(loop.job, hours=72)
    found = home_of(alice)
    (row,) = found.loops
    assert (row.counts["invited"], row.counts["handed_in"], row.counts["scored"]) == (1, 1, 1)
    assert row.tiles == ["invited", "handed_in", "scored"]
    assert [(d.interviewer, d.open, d.late_days) for d in found.due] == [(chi, 1, 2)]
    assert [entry.kind for entry in found.coming] == ["link_unopened"]


def test_who_withdrew_is_not_counted_as_invited(alice, loop):
    gone = invited(loop.job, hours=72)
    gone.status = "withdrawn"
    gone.save()
    (row,) = home_of(alice).loops
    assert (row.counts["invited"], row.tiles) == (0, [])


def test_no_name_of_a_candidate_is_on_it(client, alice, chi, loop):
    complete(loop.job, by=chi)
    client.force_login(alice)
    assert "Larsen" not in client.get(reverse("home")).content.decode()


def test_others_jobs_stay_unknown(client, alice, chi, loop):
    complete(loop.job, by=chi)
    for stranger in (factories.recruiter("Charlie Other"), factories.manager("Cleo Other")):
        found = home_of(stranger)
        assert (found.needs, found.loops, found.due) == ([], [], [])


def test_a_conflict_closes_it_for_an_admin_too(alice, chi, loop):
    ada = factories.admin()
    application = complete(loop.job, by=chi)
    assert home_of(ada).needs
    application.conflicts.create(user=ada, reason="Cousin")
    assert not home_of(ada).needs
    assert home_of(alice).needs


def body(client, user):
    client.force_login(user)
    page = client.get(reverse("home")).content.decode()
    # The two worlds have the same clock to the minute only; tokens differ by nature.
    return [line for line in page.splitlines() if "csrf" not in line and "<time" not in line]


def test_two_worlds_look_the_same_to_who_owes(client, alice, chi, loop, job):
    """Alice owes a scorecard: whether Chi has submitted must not change a byte of her home."""
    application = factories.application(job)
    work = factories.assignment(application, loop.stages.first())
    factories.scorecard(work, alice)
    other = factories.scorecard(work, chi)
    before = body(client, alice)
    other.status = "submitted"
    other.submitted_at = timezone.now()
    other.save()
    ledger_write("submit_scorecard", chi, other, job)
    Decision.objects.create(application=application, outcome="hire", reason="R", by=chi)
    assert body(client, alice) == before


def ledger_write(verb, by, on, job):
    from django.db import transaction

    with transaction.atomic():
        ledger.record(verb, by=by, on=on, job=job)


def test_news_come_from_the_ledger(client, alice, chi, loop):
    application = complete(loop.job, by=chi)
    card = application.assignments.get().scorecards.get()
    ledger_write("submit_scorecard", chi, card, loop.job)
    ledger_write("hand_in", None, application.assignments.get(), loop.job)
    client.force_login(alice)
    page = client.get(reverse("home")).content.decode()
    assert "submitted a scorecard for" in page
    assert "handed in Stage 1" in page


def test_an_interviewers_home_leads_to_the_scorecard(client, chi, loop):
    application = late(loop.job, by=chi)
    client.force_login(chi)
    page = client.get(reverse("home")).content.decode()
    card = application.assignments.get().scorecards.get()
    assert reverse("scorecard", args=[card.pk]) in page
    assert "Active loops" not in page


def test_an_idle_interviewer_is_led_to_the_inbox(client, chi):
    client.force_login(chi)
    page = client.get(reverse("home"))
    assert reverse("inbox") in page.content.decode()


def test_the_first_run_says_how_to_begin(client, alice):
    client.force_login(alice)
    page = client.get(reverse("home")).content.decode()
    assert reverse("job_new") in page
    assert "5-minute tour" in page


def test_a_job_alone_shows_the_first_steps(client, alice, job):
    client.force_login(alice)
    page = client.get(reverse("home")).content.decode()
    assert "First steps" in page


def test_nobody_gets_in_without_signing_in(client):
    assert client.get(reverse("home")).status_code == 302


def test_the_cost_is_the_same_at_1_and_50(client, alice, chi, loop):
    client.force_login(alice)
    for make in (complete, late):
        make(loop.job, by=chi)
    invited(loop.job)
    client.get(reverse("home"))
    with CaptureQueriesContext(connection) as few:
        client.get(reverse("home"))
    for _ in range(17):
        complete(loop.job, by=chi)
        late(loop.job, by=chi)
        invited(loop.job)
    with CaptureQueriesContext(connection) as many:
        client.get(reverse("home"))
    assert len(many) == len(few) <= 30


def test_news_tell_decisions_and_conflicts(client, alice, chi, loop):
    bob = factories.manager()
    TeamMember.objects.create(job=loop.job, user=bob, role="hiring_manager")
    application = complete(loop.job, by=chi)
    record_decision(by=bob, application=application, outcome="no_hire", reason="Too thin.")
    declare_conflict(by=chi, application=application, reason="A cousin.")
    client.force_login(alice)
    page = client.get(reverse("home")).content.decode()
    assert f"decided on {application.code}: no hire" in page
    assert f"stepped back from {application.code}" in page


def test_a_blind_viewer_sees_no_difference_once_a_talk_is_scored(alice, chi, loop):
    application = factories.application(loop.job)
    stage = loop.stages.get()
    talk = factories.assignment(application, stage, status="planned")
    Assignment.objects.filter(pk=talk.pk).update(mode="live")
    seen = []
    for status in ("planned", "scored"):
        Assignment.objects.filter(pk=talk.pk).update(status=status)
        row = with_standing(Application.objects.filter(pk=application.pk)).get()
        found = standing(row, owed={application.pk})
        seen.append((found.state, [step.status for step in found.steps]))
    assert seen[0] == seen[1]
