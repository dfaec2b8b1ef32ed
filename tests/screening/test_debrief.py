import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Event
from candidates.models import ApplicationStatus
from screening.actions.decisions import record_decision
from screening.actions.scorecards import amend_rating
from screening.models import Conflict, Decision, Rating, Scorecard
from screening.queries.panel import has_read_results
from screening.queries.results import results_of
from tests import factories
from tests.screening.panels import World, get, html, row_of, single, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World(candidates=2)


@pytest.fixture
def application(world):
    return world.applications[0]


def url(application):
    return reverse("debrief", args=[application.pk])


# --- Who reads it -------------------------------------------------------------------------------


def test_team_and_panel_read_it_and_each_read_is_in_the_ledger(client, world, application):
    for user in (world.alice, world.bob, world.panel[0], factories.admin()):
        response = get(client, user, url(application))
        assert response.status_code == 200, user
        event = Event.objects.get(by=user, verb="read_debrief")
        assert (event.object_id, event.job_id, event.is_read) == (
            application.pk,
            world.job.pk,
            True,
        )


def test_nobody_else_does(client, world, application):
    others = [
        factories.recruiter("Rita Other"),
        factories.manager("Max Other"),
        factories.interviewer("Ivy Other"),
    ]
    for user in others:
        assert get(client, user, url(application)).status_code == 404
    client.logout()
    assert client.get(url(application)).status_code == 302
    assert not Event.objects.filter(verb="read_debrief").exists()


def test_a_conflict_closes_it_whatever_the_role(client, world, application):
    Conflict.objects.create(application=application, user=world.bob, reason="A friend.")
    assert get(client, world.bob, url(application)).status_code == 404
    assert application.code not in text(get(client, world.bob, url(world.applications[1])))
    assert application.code not in text(get(client, world.bob, reverse("debriefs")))


def test_who_owes_a_scorecard_is_told_nothing(client, world):
    """Two worlds that differ in the others' scorecards look alike to the one who is late."""
    late = world.panel[0]
    application = factories.application(world.job, code="L-99", name="Leila Canary")
    assignment = factories.assignment(application, world.stage)
    factories.scorecard(assignment, late)
    watched = [reverse("debriefs"), url(world.applications[0])]
    before = [_plain(get(client, late, address)) for address in watched]
    for user in world.panel[1:]:
        factories.submitted_scorecard(
            assignment, user, {"c1": 4, "c2": 4, "c3": 4}, summary="CANARY summary"
        )
    record_decision(by=world.bob, application=application, outcome="hire", reason="CANARY reason")
    assert [_plain(get(client, late, address)) for address in watched] == before
    assert "L-99" in before[0]
    assert "Leila" not in before[0]
    assert get(client, late, url(application)).status_code == 404
    assert client.post(url(application), {"outcome": "hire", "reason": "x"}).status_code == 404


def _plain(response):
    return re.sub(r'(csrf-token" content|csrfmiddlewaretoken" value)="\w+"', "", html(response))


def test_a_manager_who_owes_a_scorecard_is_as_blind(client, world, application):
    factories.scorecard(application.assignments.get(), world.bob)
    assert get(client, world.bob, url(application)).status_code == 404
    row = row_of(get(client, world.bob, reverse("debriefs")), application)
    assert 'data-state="blind"' in row
    assert "of 5" not in row
    other = get(client, world.bob, url(world.applications[1]))
    assert application.code not in text(other)


def test_an_abstention_unlocks_nothing(client, world, application):
    ben = world.panel[0]
    Scorecard.objects.filter(interviewer=ben).update(is_abstention=True)
    assert get(client, ben, url(application)).status_code == 404


def test_an_interviewer_compares_only_candidates_they_judged(client, world, application):
    Scorecard.objects.filter(
        interviewer=world.panel[0], assignment__application=world.applications[1]
    ).update(status="declined")
    found = text(get(client, world.panel[0], url(application)))
    assert world.applications[1].code not in found
    assert world.applications[1].code in text(get(client, world.panel[1], url(application)))


# --- When it is shut ----------------------------------------------------------------------------


def test_it_is_shut_while_a_scorecard_is_due(client, world):
    application = factories.application(world.job, code="W-10")
    assignment = factories.assignment(application, world.stage)
    factories.submitted_scorecard(
        assignment, world.panel[0], {"c1": 4, "c2": 4, "c3": 4}, summary="CANARY"
    )
    draft = factories.scorecard(assignment, world.panel[1])
    Scorecard.objects.filter(pk=draft.pk).update(due_at=timezone.now() + timedelta(days=1))
    for user in (world.bob, world.panel[0]):
        response = get(client, user, url(application))
        assert response.status_code == 200
        assert "Not open yet" in text(response)
        assert "1 of 2 scorecards in" in text(response)
        assert b"CANARY" not in response.content
        assert b"4.00" not in response.content
    assert "W-10" not in text(get(client, world.bob, url(world.applications[0])))
    Scorecard.objects.filter(pk=draft.pk).update(due_at=timezone.now() - timedelta(days=1))
    assert b"CANARY" in get(client, world.bob, url(application)).content


# --- What it says -------------------------------------------------------------------------------


def test_it_lays_agreement_differences_and_gaps_side_by_side(client):
    application = single(
        [
            {"c1": 3, "c2": 1, "c3": None},
            {"c1": 3, "c2": 3, "c3": None},
            {"c1": 4, "c2": 4, "c3": None},
        ]
    )
    bob = application.job.team.get(role="hiring_manager").user
    found = text(get(client, bob, url(application)))
    assert "Agree 1" in found
    assert "Differ 1, talk about these" in found
    assert "Criterion 2 3 apart · Ben 1, Dev 4" in found
    assert "Criterion 3 Nobody observed it." in found
    assert "Coverage 50 % of the weight; a score needs 60 %." in found
    assert "Too little was observed to score this." in found
    assert "within one point on 1 of 2" in found


def test_cells_say_their_point_and_open_the_notes_of_all(client, world, application):
    chi = world.panel[1]
    Rating.objects.filter(scorecard__assignment__application=application).update(point=3)
    rating = Rating.objects.get(
        scorecard__interviewer=chi,
        scorecard__assignment__application=application,
        criterion__key="c2",
    )
    Rating.objects.filter(pk=rating.pk).update(
        point=1, evidence="Misses the lock.", quotes=[{"anchor": "L15", "text": "409 is wrong"}]
    )
    response = get(client, world.bob, url(application), data={"cell": f"c2.{chi.pk}"})
    content = response.content.decode()
    cell = re.search(rf'<a class="([^"]+)"[^>]*data-testid="cell-c2-{chi.pk}"[^>]*>', content)
    assert cell.group(1) == "cell apart"
    assert 'data-point="1"' in cell.group(0)
    assert 'aria-current="true"' in cell.group(0)
    assert 'aria-label="Chi, Criterion 2: 1, 2 apart"' in cell.group(0)
    notes = content[content.index('id="notes"') :]
    assert "Misses the lock." in notes
    assert "L15" in notes
    assert "409 is wrong" in notes
    assert all(user.name in notes for user in world.panel)
    assert notes.index(chi.name) < notes.index(world.panel[0].name)


def test_a_cell_by_htmx_answers_notes_and_map_only(client, world, application):
    client.force_login(world.bob)
    response = client.get(
        url(application),
        {"cell": f"c1.{world.panel[0].pk}"},
        headers={"HX-Request": "true", "HX-Target": "notes"},
    )
    content = response.content.decode()
    assert content.lstrip().startswith("<section")
    assert 'hx-swap-oob="outerHTML"' in content
    assert "<html" not in content
    assert "Decide" not in content


@pytest.mark.parametrize("cell", ["c9.x", "c1", "..", "c1.not-a-user", "'><b>"])
def test_a_cell_nobody_has_opens_nothing(client, world, application, cell):
    response = get(client, world.bob, url(application), data={"cell": cell})
    assert response.status_code == 200
    assert "Open a cell of the map" in text(response)
    assert b"'><b>" not in response.content


def test_an_amendment_shows_old_new_and_why(client, world, application):
    rating = Rating.objects.filter(
        scorecard__assignment__application=application, criterion__key="c1"
    ).first()
    new = 4 if rating.point < 4 else 2
    amend_rating(
        by=rating.scorecard.interviewer,
        rating=rating,
        point=new,
        evidence="Second reading.",
        reason="The decoy was read as a finding.",
    )
    response = get(
        client, world.bob, url(application), data={"cell": f"c1.{rating.scorecard.interviewer_id}"}
    )
    found = text(response)
    assert f"{rating.point} → {new}. The decoy was read as a finding." in found
    assert "3 other scorecards were open to them then" in found
    assert f"{new}*" in found


def test_numbers_are_those_of_the_results(client):
    world = World(candidates=11)
    results = results_of(world.applications)
    own = results[world.applications[4].pk]
    response = get(client, world.bob, url(world.applications[4]))
    found = text(response)
    for result in results.values():
        assert (
            f"{result.application.code} {result.calibrated.value} "
            f"({result.calibrated.band_words}) {result.raw}"
        ) in found
    assert own.above_bar_words in found
    assert own.why_differs in found
    assert all(one.sentence in found for one in own.neighbours)
    assert response.content.count(b'class="mean"') == 11 + 1  # one more in the legend
    codes = re.findall(r"K-\d\d", found[found.index("Calibrated (80 %)") :])[:11]
    assert codes == sorted(codes)
    by_score = text(get(client, world.bob, url(world.applications[4]) + "?order=calibrated"))
    codes = re.findall(r"K-\d\d", by_score[by_score.index("Calibrated (80 %)") :])[:11]
    ranked = sorted(results.values(), key=lambda r: -r.calibrated.exact)
    assert codes == [r.application.code for r in ranked]


def test_a_shut_gate_says_its_sentence(client, world, application):
    found = text(get(client, world.bob, url(application)))
    assert "Not calibrated: 8 of 40 scorecards needed." in found
    assert "likely" not in found


@pytest.mark.parametrize(
    ("points", "sentence"),
    [
        ([{"c1": 3, "c2": 3, "c3": 3}], "Only one interviewer has scored this"),
        ([{"c1": 3, "c2": 3, "c3": 3}] * 3, "3 of 40 scorecards needed."),
        ([{"c1": None, "c2": None, "c3": None}] * 2, "Too little was observed to score this."),
    ],
)
def test_degenerate_panels_get_sentences_and_no_nan(client, points, sentence):
    application = single(points)
    bob = application.job.team.get(role="hiring_manager").user
    response = get(client, bob, url(application))
    assert sentence in text(response)
    assert not re.search(r"\b(nan|none|inf)\b", text(response), re.IGNORECASE)
    assert "NaN" not in response.content.decode()


def test_the_name_stands_there_once_open(client, world, application):
    found = text(get(client, world.panel[0], url(application)))
    assert application.candidate.full_name in found


def test_previous_and_next_go_by_code(client, world, application):
    middle = world.candidate("K-05")
    last = world.candidate("K-09")
    content = get(client, world.bob, url(middle)).content.decode()
    assert re.search(rf'rel="prev" href="{url(world.applications[1])}"', content)
    assert re.search(rf'rel="next" href="{url(last)}"', content)


def test_queries_do_not_grow_with_candidates(client):
    small, big = World(candidates=2), World(candidates=50, letter="M")
    counts = []
    for world in (small, big):
        get(client, world.bob, url(world.applications[0]))
        with CaptureQueriesContext(connection) as queries:
            client.get(url(world.applications[0]))
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 30


# --- Deciding -----------------------------------------------------------------------------------


def test_the_manager_records_a_decision(client, world, application):
    client.force_login(world.bob)
    answer = client.post(url(application), {"outcome": "another_round", "reason": "Probe it."})
    assert (answer.status_code, answer["Location"]) == (302, url(application))
    found = text(client.get(url(application)))
    assert "Another round is recorded." in found
    assert "Another round. Probe it." in found
    client.post(url(application), {"outcome": "hire", "reason": "Probed."})
    found = text(client.get(url(application)))
    assert "Hire. Probed." in found
    assert "1 earlier decision" in found
    application.refresh_from_db()
    assert application.status == ApplicationStatus.IN_PROCESS


def test_a_decision_without_a_reason_is_asked_for_one(client, world, application):
    client.force_login(world.bob)
    answer = client.post(url(application), {"outcome": "hire", "reason": ""})
    assert answer.status_code == 422
    assert "Say why: the reason is part of the decision." in text(answer)
    assert not Decision.objects.exists()


def test_only_who_may_decide_sees_the_form(client, world, application):
    for user in (world.alice, world.panel[0], factories.admin()):
        assert b"Record decision" not in get(client, user, url(application)).content
        answer = client.post(url(application), {"outcome": "hire", "reason": "Because."})
        assert answer.status_code == 404
    assert not Decision.objects.exists()


def test_the_bar_of_the_page_is_that_of_the_result(client, world, application):
    own = results_of([application])[application.pk]
    assert own.bar == Decimal("3.00")
    assert f"senior bar {own.bar}" in get(client, world.bob, url(application)).content.decode()


def test_seeing_others_in_the_comparison_counts_as_reading_them(client, world, application):
    other = world.applications[1]
    get(client, world.bob, url(application))
    get(client, world.bob, url(application))
    assert has_read_results(user=world.bob, application=other)
    assert Event.objects.filter(by=world.bob, verb="read_results").count() == 1
