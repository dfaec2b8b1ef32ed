"""Board, list of candidates and application page: who sees them, and what they give away."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Event
from candidates.models import Application
from lib.errors import Refused
from screening.actions.assignments import assign_loop
from screening.actions.candidates import add_candidate
from screening.models import Decision, Scorecard
from screening.queries.board import board_of, candidate_rows
from screening.queries.standing import owed_by, standings, with_standing
from tests import factories

pytestmark = pytest.mark.django_db


def step(application, number=1, **fields):
    return factories.assignment(
        application, application.job.loop.stages.get(position=number), **fields
    )


def where(user, application):
    row = with_standing(Application.objects.filter(pk=application.pk)).get()
    return standings([row], owed=owed_by(user))[0]


# --- where somebody stands


def test_from_nothing_to_a_decision(alice, chi, application):
    assert (where(alice, application).state, where(alice, application).waits_for) == (
        "planned",
        "the loop to be assigned",
    )
    assign_loop(by=alice, application=application)
    assert where(alice, application).waits_for == "the link to be sent"
    link = factories.invitation(application)
    application.assignments.update(status="invited")
    assert where(alice, application).waits_for == "the candidate: link not opened"
    link.opened_at = timezone.now()
    link.save()
    first, second = application.assignments.all()
    application.assignments.filter(pk=first.pk).update(status="handed_in")
    assert where(alice, application).state == "working"
    application.assignments.update(status="handed_in")
    assert where(alice, application).waits_for == "4 interviewers"
    application.assignments.update(interviewers_needed=1)
    for work in (first, second):
        factories.scorecard(work, chi)
    assert where(alice, application).waits_for == "Chi"
    Scorecard.objects.update(status="submitted", submitted_at=timezone.now())
    application.assignments.update(status="scored")
    assert (where(alice, application).state, where(alice, application).waits_for) == (
        "scored",
        "the debrief",
    )
    Decision.objects.create(application=application, outcome="hire", reason="R", by=alice)
    assert (where(alice, application).state, where(alice, application).waits_for) == ("decided", "")


def test_an_ended_link_waits_for_the_recruiter(alice, application):
    assign_loop(by=alice, application=application)
    application.assignments.update(status="invited")
    factories.invitation(application, days=-1)
    assert where(alice, application).waits_for == "a new link: the last has ended"


# --- blind until submitted


@pytest.mark.parametrize("name", ["board", "application", "candidates"])
def test_two_worlds_look_the_same_to_who_owes(client, alice, chi, application, name):
    """Alice owes a scorecard here: whether Chi's is in, and even a decision, change no byte."""
    work = step(application)
    step(application, 2, status="scored")
    factories.scorecard(work, alice)
    other = factories.scorecard(work, chi)
    url = {
        "board": reverse("board", args=[application.job.loop.pk]),
        "application": reverse("application", args=[application.pk]),
        "candidates": reverse("candidates"),
    }[name]
    client.force_login(alice)

    def page():
        lines = client.get(url).content.decode().splitlines()
        return [line for line in lines if "csrf" not in line]

    before = page()
    states = ("panel", "complete", "decided", "candidate")
    filters = [
        client.get(reverse("candidates"), {"state": s}).content.count(b"row") for s in states
    ]
    other.status = "submitted"
    other.submitted_at = timezone.now()
    other.save()
    Decision.objects.create(application=application, outcome="hire", reason="R", by=chi)
    assert page() == before
    assert filters == [
        client.get(reverse("candidates"), {"state": s}).content.count(b"row") for s in states
    ]


def test_who_owes_manages_nobody_elses_scorecard(client, alice, chi, application):
    work = step(application)
    factories.scorecard(work, alice)
    for status in ("draft", "submitted"):
        Scorecard.objects.filter(interviewer=chi).delete()
        other = factories.scorecard(work, chi, status=status)
        client.force_login(alice)
        for name in ("remind", "panel_remove"):
            assert client.post(reverse(name, args=[other.pk])).status_code == 404


def test_a_recruiter_who_owes_nothing_sees_the_count(client, alice, chi, application):
    factories.scorecard(step(application), chi)
    client.force_login(alice)
    page = client.get(reverse("board", args=[application.job.loop.pk])).content.decode()
    assert "0 of 1 scorecards" in page


# --- who may


@pytest.mark.parametrize("name", ["board", "application"])
def test_only_the_team_reads_them(client, alice, bob, chi, application, name):
    pk = application.job.loop.pk if name == "board" else application.pk
    expected = {
        alice: 200,
        bob: 200,
        factories.admin(): 200,
        chi: 404,
        factories.recruiter("Charlie Other"): 404,
        factories.manager("Cleo Other"): 404,
    }
    for user, status in expected.items():
        client.force_login(user)
        assert client.get(reverse(name, args=[pk])).status_code == status, user
    client.logout()
    assert client.get(reverse(name, args=[pk])).status_code == 302


@pytest.mark.parametrize(
    "name", ["loop_assign", "status_set", "link_make", "link_extend", "link_revoke"]
)
def test_only_its_recruiters_act_on_an_application(client, bob, chi, application, name):
    strangers = [bob, chi, factories.recruiter("Charlie Other")]
    for user in strangers:
        client.force_login(user)
        url = reverse(name, args=[application.pk])
        assert client.post(url, {"status": "rejected"}).status_code == 404
    application.refresh_from_db()
    assert application.status == "in_process"
    assert not application.assignments.exists()


def test_a_conflict_ends_it_for_a_recruiter_and_an_admin(client, alice, application):
    for user in (alice, factories.admin()):
        application.conflicts.create(user=user, reason="Cousin")
        client.force_login(user)
        assert client.get(reverse("application", args=[application.pk])).status_code == 404
        page = client.get(reverse("candidates")).content.decode()
        assert application.code not in page


def test_reading_names_is_recorded_once_a_page(client, alice, application):
    client.force_login(alice)
    client.get(reverse("application", args=[application.pk]))
    client.get(reverse("board", args=[application.job.loop.pk]))
    client.get(reverse("candidates"))
    assert Event.objects.filter(verb="read_identity", by=alice, is_read=True).count() == 3


# --- the list


def test_search_finds_code_name_and_address(alice, job, application):
    other = factories.application(job, name="Zoe Quist")
    for words in (other.code, "zoe", "quist zoe", other.candidate.email):
        assert list(candidate_rows(alice, q=words)) == [other], words
    assert not candidate_rows(alice, q="nobody")


def test_nothing_is_found_in_others_jobs(application):
    charlie = factories.recruiter("Charlie Other")
    assert not candidate_rows(charlie, q=application.code)


def test_filters_follow_the_state(alice, chi, job, loop):
    unassigned, waiting, handed, complete, decided = (factories.application(job) for _ in range(5))
    step(waiting, status="invited")
    factories.scorecard(step(handed), chi)
    for application in (complete, decided):
        factories.scorecard(step(application, status="scored"), chi, status="submitted")
    Decision.objects.create(application=decided, outcome="hire", reason="R", by=alice)
    expected = {
        "unassigned": [unassigned],
        "candidate": [waiting],
        "panel": [handed],
        "complete": [complete],
        "decided": [decided],
        "hired": [],
    }
    for state, rows in expected.items():
        assert list(candidate_rows(alice, state=state)) == rows, state


@pytest.mark.parametrize(
    "query", ["?page=x", "?page=-1", "?state=nothing", "?job=nothing", "?q=%00", "?q=" + "x" * 400]
)
def test_odd_questions_get_a_page(client, alice, application, query):
    client.force_login(alice)
    assert client.get(reverse("candidates") + query).status_code == 200


def test_pages_of_fifty(client, alice, job, loop):
    for _ in range(51):
        factories.application(job)
    client.force_login(alice)
    first = client.get(reverse("candidates")).content.decode()
    assert first.count('data-testid="candidate-row"') == 50
    second = client.get(reverse("candidates"), {"page": 2}).content.decode()
    assert second.count('data-testid="candidate-row"') == 1


# --- adding and acting


def test_a_candidate_is_added_with_the_loop(client, alice, job, loop):
    client.force_login(alice)
    facts = {
        "job": job.pk,
        "first_name": "Zoe",
        "last_name": "Quist",
        "email": "Zoe@example.org",
        "with_loop": "on",
    }
    for _ in range(2):
        answer = client.post(reverse("candidate_new"), facts)
    made = Application.objects.get()
    assert answer.url == reverse("application", args=[made.pk])
    assert made.assignments.count() == 2


def test_bad_facts_come_back_with_the_form(client, alice, job, loop):
    client.force_login(alice)
    answer = client.post(reverse("candidate_new"), {"job": job.pk, "first_name": "", "email": "x"})
    assert answer.status_code == 422
    assert not Application.objects.exists()


def test_nobody_is_added_to_anothers_job(client, loop, job):
    client.force_login(factories.recruiter("Charlie Other"))
    answer = client.post(reverse("candidate_new"), {"job": job.pk, "first_name": "Zoe"})
    assert answer.status_code == 422
    assert not Application.objects.exists()


def test_without_a_published_loop_nobody_is_half_added(alice):
    job = factories.job(team={alice: "recruiter"})
    with pytest.raises(Refused):
        add_candidate(by=alice, job=job, first_name="Zoe", with_loop=True)
    assert not Application.objects.exists()


def test_a_panel_is_asked_and_changed_on_the_page(client, alice, chi, application):
    work = step(application)
    client.force_login(alice)
    for _ in range(2):
        client.post(reverse("panel_add", args=[work.pk]), {"interviewer": chi.pk})
    card = Scorecard.objects.get()
    page = client.get(reverse("application", args=[application.pk])).content.decode()
    assert "by load" in page
    client.post(reverse("remind", args=[card.pk]))
    card.refresh_from_db()
    assert card.reminded_at
    client.post(reverse("panel_remove", args=[card.pk]))
    assert not Scorecard.objects.exists()


def test_only_who_is_proposed_can_be_asked(client, alice, application):
    work = step(application)
    client.force_login(alice)
    stranger = factories.interviewer("Elif Kaya")
    client.post(reverse("panel_add", args=[work.pk]), {"interviewer": stranger.pk})
    assert not Scorecard.objects.exists()


def test_the_status_is_the_recruiters_word(client, alice, application):
    client.force_login(alice)
    url = reverse("status_set", args=[application.pk])
    answer = client.post(url, {"status": "hold"}, follow=True)
    assert "Choose a status" in answer.content.decode()
    assert client.post(url, {"status": "rejected"}).status_code == 303
    application.refresh_from_db()
    assert application.status == "rejected"


def test_buttons_go_back_to_our_own_pages_only(client, alice, application):
    client.force_login(alice)
    url = reverse("status_set", args=[application.pk])
    answer = client.post(url, {"status": "rejected", "next": "https://evil.example/"})
    assert answer.url == reverse("application", args=[application.pk])


def test_hostile_words_are_inert(client, alice, job, loop):
    evil = "<script>alert(1)</script>"
    add_candidate(by=alice, job=job, first_name=evil, source=evil)
    client.force_login(alice)
    application = Application.objects.get()
    for url in (
        reverse("candidates"),
        reverse("board", args=[loop.pk]),
        reverse("application", args=[application.pk]),
    ):
        assert evil not in client.get(url).content.decode()


# --- cost


def cost(client, url):
    client.get(url)
    with CaptureQueriesContext(connection) as queries:
        client.get(url)
    return len(queries)


def grow(job, chi, many):
    applications = [factories.application(job) for _ in range(many)]
    for application in applications:
        work = step(application)
        factories.scorecard(work, chi)
        factories.invitation(application)


def test_the_board_costs_the_same_at_1_50_and_250(alice, chi, job, loop, django_assert_num_queries):
    grow(job, chi, 1)
    with CaptureQueriesContext(connection) as few:
        board_of(alice, loop)
    for more in (49, 200):
        grow(job, chi, more)
        with django_assert_num_queries(len(few)):
            board_of(alice, loop)


@pytest.mark.parametrize("name", ["board", "candidates", "loops"])
def test_lists_cost_the_same_at_1_and_50(client, alice, chi, job, loop, name):
    client.force_login(alice)
    url = reverse(name, args=[loop.pk] if name == "board" else [])
    grow(job, chi, 1)
    few = cost(client, url)
    grow(job, chi, 49)
    if name == "loops":
        for _ in range(20):
            factories.loop(factories.job(team={alice: "recruiter"}))
    assert cost(client, url) == few <= 30


def test_the_application_page_costs_the_same_for_a_big_panel(client, alice, chi, application):
    client.force_login(alice)
    factories.scorecard(step(application), chi)
    url = reverse("application", args=[application.pk])
    few = cost(client, url)
    for n in range(15):
        person = factories.interviewer(f"N{n} Body")
        application.job.team.create(user=person, role="interviewer")
        if n % 2:
            factories.scorecard(application.assignments.first(), person)
    assert cost(client, url) == few <= 30
