import pytest
from django.core import mail

from accounts import ledger
from accounts.models import Event
from candidates.actions.jobs import set_team
from lib.errors import Refused
from screening.actions import assignments as actions
from screening.actions.invitations import make_link
from screening.models import Assignment, Loop, LoopStatus, Scorecard, ScorecardStatus
from screening.queries.candidate import openable
from screening.queries.panel import fit_interviewers
from screening.queries.results import result_of
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice():
    return factories.recruiter()


@pytest.fixture
def chi():
    return factories.interviewer()


@pytest.fixture
def dev():
    return factories.interviewer("Dev Raman")


@pytest.fixture
def job(alice, chi, dev):
    return factories.job(team={alice: "recruiter", chi: "interviewer", dev: "interviewer"})


@pytest.fixture
def application(job):
    factories.loop(job, stages=2)
    return factories.application(job)


@pytest.fixture
def assignment(alice, application):
    return actions.assign_loop(by=alice, application=application)[0]


def test_a_loop_is_assigned_once(alice, application):
    first, second = (actions.assign_loop(by=alice, application=application) for _ in range(2))
    assert first == second
    assert [row.position for row in first] == [1, 2]
    assert {row.status for row in first} == {"planned"}
    assert Event.objects.filter(verb="assign_loop").count() == 1


@pytest.mark.parametrize("status", [LoopStatus.DRAFT, LoopStatus.CLOSED])
def test_only_a_published_loop_is_assigned(alice, application, status):
    Loop.objects.update(status=status)
    with pytest.raises(Refused):
        actions.assign_loop(by=alice, application=application)


def test_nobody_out_of_process_is_assigned(alice, application):
    actions.end_application(by=alice, application=application, status="withdrawn")
    with pytest.raises(Refused):
        actions.assign_loop(by=alice, application=application)


def test_one_more_stage_for_another_round(alice, application, assignment):
    from screening.actions.loops import add_stage

    stage = add_stage(by=alice, loop=application.job.loop, title="Second talk")
    more = [actions.assign_stage(by=alice, application=application, stage=stage) for _ in range(2)]
    assert more[0] == more[1]
    assert more[0].position == 3


def test_asking_somebody_twice_is_one_scorecard(alice, assignment, chi):
    first, second = (
        actions.assign_interviewer(by=alice, assignment=assignment, interviewer=chi)
        for _ in range(2)
    )
    assert first == second
    assert first.due_at is None  # nothing is handed in yet
    assert Event.objects.filter(verb="assign_interviewer").count() == 1


def test_a_scorecard_falls_due_from_the_hand_in(alice, application, chi):
    work = factories.assignment(application, application.job.loop.stages.first())
    scorecard = actions.assign_interviewer(by=alice, assignment=work, interviewer=chi)
    assert (scorecard.due_at - work.handed_in_at).days == 3


def test_only_the_team_interviews(alice, assignment):
    with pytest.raises(Refused, match="team"):
        actions.assign_interviewer(
            by=alice, assignment=assignment, interviewer=factories.interviewer("Elif Kaya")
        )


def test_never_one_with_a_conflict(alice, application, assignment, chi, dev):
    actions.declare_conflict(by=chi, application=application, reason="We shared a flat.")
    with pytest.raises(Refused, match="close"):
        actions.assign_interviewer(by=alice, assignment=assignment, interviewer=chi)
    assert [p.user for p in fit_interviewers(application)] == [dev]


@pytest.mark.parametrize("verb", ["read_scorecards", "read_results", "read_debrief"])
def test_never_one_who_has_read_the_scorecards(alice, application, assignment, chi, dev, verb):
    ledger.record(verb, by=chi, on=application, job=application.job, is_read=True)
    with pytest.raises(Refused, match="blind"):
        actions.assign_interviewer(by=alice, assignment=assignment, interviewer=chi)
    assert [p.user for p in fit_interviewers(application)] == [dev]


def test_reading_the_name_is_no_bar(alice, application, assignment, chi):
    ledger.record("read_identity", by=chi, on=application, job=application.job, is_read=True)
    assert actions.assign_interviewer(by=alice, assignment=assignment, interviewer=chi)


def test_the_least_loaded_come_first(alice, application, assignment, chi, dev):
    assert [p.user for p in fit_interviewers(application)] == [chi, dev]
    actions.assign_interviewer(by=alice, assignment=assignment, interviewer=chi)
    assert [(p.user, p.open_scorecards) for p in fit_interviewers(application)] == [
        (dev, 0),
        (chi, 1),
    ]


def test_proposing_costs_the_same_for_many(application, django_assert_num_queries):
    team = [(member.user, member.role) for member in application.job.team.all()]
    with django_assert_num_queries(1):
        fit_interviewers(application)
    more = [(factories.interviewer(f"N{n} Body"), "interviewer") for n in range(20)]
    set_team(by=None, job=application.job, members=team + more)
    with django_assert_num_queries(1):
        assert len(fit_interviewers(application)) == 22


def test_unassigning_deletes_an_empty_draft(alice, assignment, chi):
    scorecard = actions.assign_interviewer(by=alice, assignment=assignment, interviewer=chi)
    pk = scorecard.pk
    actions.unassign_interviewer(by=alice, scorecard=scorecard)
    assert not Scorecard.objects.exists()
    actions.unassign_interviewer(by=alice, scorecard=Scorecard(pk=pk, assignment=assignment))
    assert Event.objects.filter(verb="unassign_interviewer").count() == 1


def test_unassigning_keeps_what_was_written(alice, assignment, chi):
    scorecard = actions.assign_interviewer(by=alice, assignment=assignment, interviewer=chi)
    Scorecard.objects.update(fields={"summary": {"v": "Good", "rev": 1}})
    actions.unassign_interviewer(by=alice, scorecard=scorecard)
    scorecard.refresh_from_db()
    assert scorecard.status == ScorecardStatus.DECLINED
    assert scorecard.value("summary") == "Good"


def test_a_submitted_scorecard_stays(alice, assignment, chi):
    scorecard = factories.scorecard(assignment, chi, status="submitted")
    with pytest.raises(Refused):
        actions.unassign_interviewer(by=alice, scorecard=scorecard)


def test_taking_the_last_missing_one_off_completes_the_panel(alice, application, chi, dev):
    work = factories.assignment(application, application.job.loop.stages.first())
    factories.scorecard(work, chi, status="submitted")
    late = actions.assign_interviewer(by=alice, assignment=work, interviewer=dev)
    actions.unassign_interviewer(by=alice, scorecard=late)
    work.refresh_from_db()
    assert work.status == "scored"
    actions.assign_interviewer(by=alice, assignment=work, interviewer=dev)
    work.refresh_from_db()
    assert work.status == "handed_in"


def test_a_conflict_ends_what_is_owed(alice, application, assignment, chi):
    scorecard = actions.assign_interviewer(by=alice, assignment=assignment, interviewer=chi)
    for _ in range(2):
        actions.declare_conflict(by=chi, application=application, reason="My brother.")
    scorecard.refresh_from_db()
    assert scorecard.status == ScorecardStatus.DECLINED
    assert Event.objects.filter(verb="declare_conflict").count() == 1
    with pytest.raises(Refused):
        actions.declare_conflict(by=chi, application=application, reason="  ")


def test_a_reminder_is_sent_once_and_names_no_person(
    alice, assignment, chi, django_capture_on_commit_callbacks
):
    scorecard = actions.assign_interviewer(by=alice, assignment=assignment, interviewer=chi)
    with django_capture_on_commit_callbacks(execute=True):
        actions.remind(by=alice, scorecard=scorecard, link="http://testserver/scorecards/1/")
        with pytest.raises(Refused):
            actions.remind(by=alice, scorecard=scorecard)
    (letter,) = mail.outbox
    assert letter.to == [chi.email]
    assert assignment.application.code in letter.body
    assert "Kim" not in letter.body + letter.subject


def test_ending_an_application_frees_the_panel(alice, application, assignment, chi):
    actions.assign_interviewer(by=alice, assignment=assignment, interviewer=chi)
    factories.invitation(application)
    for _ in range(2):
        actions.end_application(by=alice, application=application, status="rejected")
    assert set(application.assignments.values_list("status", flat=True)) == {"cancelled"}
    assert not Scorecard.objects.owed_by(chi).exists()
    assert Event.objects.filter(verb="cancel_assignments").count() == 1
    application.invitation.refresh_from_db()
    assert not application.invitation.is_live


def test_ending_an_application_keeps_what_was_judged(alice, application, assignment, chi, dev):
    Assignment.objects.filter(pk=assignment.pk).update(status="handed_in")
    assignment.refresh_from_db()
    factories.submitted_scorecard(assignment, chi, {"c1": 3, "c2": 2, "c3": 4})
    owed = factories.scorecard(assignment, dev)
    before = result_of(application).raw
    actions.end_application(by=alice, application=application, status="hired")
    assignment.refresh_from_db()
    owed.refresh_from_db()
    assert (assignment.status, owed.status) == ("scored", ScorecardStatus.DECLINED)
    assert result_of(application).raw == before is not None
    others = application.assignments.exclude(pk=assignment.pk)
    assert set(others.values_list("status", flat=True)) == {"cancelled"}


def test_links_of_an_ended_application_stay_dead_when_it_goes_on(alice, application, assignment):
    old = make_link(by=alice, application=application)
    actions.end_application(by=alice, application=application, status="rejected")
    actions.end_application(by=alice, application=application, status="in_process")
    actions.assign_loop(by=alice, application=application)
    new = make_link(by=alice, application=application)
    assert openable(new)
    assert openable(old) is None
