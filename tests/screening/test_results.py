from datetime import timedelta
from decimal import Decimal
from statistics import NormalDist

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from rubrics import calibration
from rubrics.models import CriterionLevel
from screening.models import Amendment, Rating, Scorecard
from screening.queries import results_input
from screening.queries.results import debrief_is_open, result_of, results_of
from tests import factories
from tests.screening.panels import World, single

pytestmark = pytest.mark.django_db


def test_raw_is_the_weighted_mean_of_criterion_means():
    # Weights 10, 20, 30 → shares 1/6, 1/3, 1/2; means 3.5, 3, 2; bars 3.
    application = single([{"c1": 4, "c2": 3, "c3": 2}, {"c1": 3, "c2": 3, "c3": 2}])
    result = result_of(application)
    assert result.raw == Decimal("2.58")  # (10·3.5 + 20·3 + 30·2) / 60 = 155/60
    assert result.raw_of_100 == Decimal("52.78")  # 100·(155/60 − 1)/3
    assert result.bar == Decimal("3.00")
    assert result.margin == Decimal("-0.42")
    assert result.reads_as == "below the bar"
    assert result.coverage == Decimal("1.00")
    assert [str(row.weight_percent) for row in result.criteria] == ["17", "33", "50"]
    assert [row.mean for row in result.criteria] == [Decimal("3.50"), Decimal(3), Decimal(2)]
    assert [row.spread for row in result.criteria] == [1, 0, 0]
    assert result.agreement_words == "within one point on 3 of 3"


def test_not_observed_is_left_out_of_both_sums():
    application = single([{"c1": None, "c2": 4, "c3": 3}, {"c1": None, "c2": 3, "c3": None}])
    result = result_of(application)
    assert result.raw == Decimal("3.20")  # (20·3.5 + 30·3) / 50
    assert result.coverage == Decimal("0.83")
    assert [row.key for row in result.unobserved] == ["c1"]
    assert (result.criteria[0].mean, result.criteria[0].spread) == (None, None)


def test_half_a_hundredth_goes_to_the_even_neighbour():
    job = factories.job()
    stage = factories.loop(job, version=factories.rubric_version(1)).stages.get()
    assignment = factories.assignment(factories.application(job), stage)
    for n, point in enumerate([3, 3, 3, 3, 3, 2, 2, 2]):
        factories.submitted_scorecard(assignment, factories.interviewer(f"I{n} X"), {"c1": point})
    assert result_of(assignment.application).raw == Decimal("2.62")  # 2.625


def test_levels_above_and_below_are_read_with_their_own_weights_and_bars():
    application = single([{"c1": 4, "c2": 3, "c3": 3}, {"c1": 4, "c2": 3, "c3": 3}])
    job = application.job
    job.level = factories.level("mid")
    job.save()
    CriterionLevel.objects.filter(level__key="senior").update(bar=4)
    CriterionLevel.objects.filter(level__key="entry").update(bar=2)
    result = result_of(application)
    assert result.raw == Decimal("3.17")
    assert result.level_words == (
        "Meets mid (3.00) by 0.17; 0.83 short of senior (4.00); meets entry (2.00) by 1.17."
    )


def test_a_must_pass_below_its_bar_is_said_in_words():
    application = single([{"c1": 2, "c2": 4, "c3": 4}, {"c1": 3, "c2": 4, "c3": 4}])
    CriterionLevel.objects.filter(criterion__key="c1", level__key="senior").update(
        is_must_pass=True
    )
    result = result_of(application)
    assert result.reads_as == "above the bar"
    assert result.must_pass == ("Criterion 1 must be passed: 2.50 is below its bar of 3.",)


def test_below_the_floor_there_is_no_score_but_a_sentence():
    result = result_of(single([{"c1": 3, "c2": None, "c3": None}]))
    assert (result.raw, result.bar, result.margin, result.reads_as) == (None, None, None, "")
    assert result.coverage == Decimal("0.17")
    assert result.why_no_raw == result.why_not == "Too little was observed to score this."


def test_nothing_at_all_is_a_sentence_too():
    world = World(candidates=0)
    bare = factories.application(world.job)
    given = factories.application(world.job)
    factories.assignment(given, world.stage)
    for application in (bare, given):
        result = result_of(application)
        assert (result.raw, result.calibrated) == (None, None)
        assert result.why_not == "Too little was observed to score this."


def test_abstentions_are_shown_and_count_nowhere():
    application = single([{"c1": 4, "c2": 4, "c3": 4}, {"c1": 1, "c2": 1, "c3": 1}])
    Scorecard.objects.filter(interviewer__name="Chi Nguyen").update(
        is_abstention=True, recommendation="no_decision"
    )
    result = result_of(application)
    assert result.raw == Decimal("4.00")
    assert [(m.user.name, m.abstains) for m in result.panel] == [
        ("Ben Okafor", False),
        ("Chi Nguyen", True),
    ]
    assert result.recommendations == (("Yes", 1), ("No decision", 1))


def test_an_abstention_decides_nothing_whatever_word_was_chosen_on_it():
    application = single([{"c1": 4, "c2": 4, "c3": 4}, {"c1": 1, "c2": None, "c3": None}])
    Scorecard.objects.filter(interviewer__name="Chi Nguyen").update(is_abstention=True)
    assert result_of(application).recommendations == (("Yes", 1), ("No decision", 1))


def test_a_gap_is_a_criterion_no_stage_shows():
    world = World(candidates=0)
    world.stage.criteria = ["c1", "c3"]
    world.stage.save()
    result = result_of(world.candidate("K-1"))
    assert [row.key for row in result.gaps] == ["c2"]
    assert [str(row.weight_percent) for row in result.criteria] == ["25", "75"]


@pytest.mark.parametrize(
    ("candidates", "people", "sentence"),
    [
        (3, 1, "Only one interviewer has scored this; a second makes it comparable."),
        (5, 4, "20 of 40 scorecards needed."),
        (14, 3, "3 of 4 interviewers needed."),
    ],
)
def test_the_gate_says_why_there_is_no_calibrated_score(candidates, people, sentence):
    world = World(candidates=candidates, people=people)
    result = result_of(world.applications[0])
    assert result.raw is not None
    assert result.calibrated is None
    assert (result.why_not, result.why_differs, result.above_bar) == (sentence, "", "")


def test_calibrated_numbers_are_those_of_the_engine():
    world = World()
    application = world.applications[3]
    result = result_of(application)
    points, applications, levels = [], [], world.version.criteria.all()
    for rating in Rating.objects.select_related("scorecard__assignment", "criterion"):
        card = rating.scorecard
        points.append(
            calibration.Point(
                id=str(rating.pk),
                subject=str(card.assignment.application_id),
                scorecard=str(card.pk),
                assignment=str(card.assignment_id),
                interviewer=str(card.interviewer_id),
                exercise=str(card.assignment.exercise_version_id),
                criterion=rating.criterion.key,
                value=rating.point,
            )
        )
    applications = [
        calibration.Application(str(a.pk), "senior", str(world.job.pk), ("c1", "c2", "c3"))
        for a in world.applications
    ]
    levels = [
        results_input.scoring.LevelStandard(
            key,
            key,
            {
                row.criterion.key: results_input.scoring.CriterionStandard(row.weight, row.bar)
                for row in CriterionLevel.objects.filter(level__key=key)
            },
        )
        for key in ("entry", "mid", "senior")
    ]
    fit = calibration.calibrate(points, applications=applications, levels=levels)
    own = fit.applications[str(application.pk)]
    assert result.calibrated.exact == own.score
    assert result.calibrated.value == Decimal(str(own.score)).quantize(Decimal("0.01"))
    assert result.calibrated.band_80 == tuple(
        Decimal(str(end)).quantize(Decimal("0.01")) for end in own.band(80)
    )
    assert result.calibrated.out_of_100 == Decimal(str((own.score - 1) / 0.03)).quantize(
        Decimal("0.01")
    )
    assert result.fingerprint == fit.fingerprint
    for row, engine in zip(result.criteria, own.criteria, strict=True):
        assert (row.calibrated.exact, row.calibrated.exact_se) == (engine.score, engine.se)
    assert result.above_bar_probability == pytest.approx(
        fit.probability_above_bar(own.id), abs=1e-4
    )
    assert result.above_bar_probability == NormalDist().cdf((own.score - 3) / own.se)
    chi = next(m for m in result.panel if m.user.name == "Chi Nguyen")
    severity = fit.interviewers[str(chi.user.pk)].severity
    assert chi.severity == Decimal(str(severity)).quantize(Decimal("0.01"))
    assert chi.severity_words == (f"Chi is {abs(chi.severity)} stricter than the panel (n = 11).")
    assert result.why_differs.startswith("Chi is ")
    assert result.why_not == ""


def test_neighbours_are_those_next_to_it_by_calibrated_score():
    world = World()
    results = results_of(world.applications)
    ranked = sorted(results.values(), key=lambda r: -r.calibrated.exact)
    top, second, third = ranked[:3]
    (below,) = top.neighbours
    assert (below.application, below.is_above) == (second.application, False)
    above, after = second.neighbours
    assert (above.application, above.is_above) == (top.application, True)
    assert after.application == third.application
    assert (
        below.sentence
        == above.sentence
        == (
            f"{below.likely[0].upper()}{below.likely[1:]} likely that {top.application.code} "
            f"is really above {second.application.code}."
        )
    )
    assert below.probability >= 0.5
    assert result_of(top.application).neighbours == ()


def test_the_first_judgement_is_calibrated_and_the_amended_one_is_raw():
    world = World()
    application = world.applications[0]
    before = result_of(application)
    rating = Rating.objects.filter(
        scorecard__assignment__application=application, criterion__key="c3"
    ).first()
    for old, new in ((rating.point, 5 - rating.point), (5 - rating.point, rating.point % 4 + 1)):
        Amendment.objects.create(
            rating=rating, by=rating.scorecard.interviewer, old_point=old, new_point=new
        )
    Rating.objects.filter(pk=rating.pk).update(point=rating.point % 4 + 1)
    after = result_of(application)
    assert after.raw != before.raw
    assert after.calibrated == before.calibrated
    assert after.fingerprint == before.fingerprint


def test_a_fit_is_made_once_and_again_when_a_point_changes(monkeypatch):
    world = World()
    calls = []
    real = calibration.calibrate
    monkeypatch.setattr(
        results_input.calibration,
        "calibrate",
        lambda *args, **kwargs: calls.append(1) or real(*args, **kwargs),
    )
    first = results_of(world.applications)
    again = results_of(reversed(world.applications))
    assert (len(calls), first) == (1, {pk: again[pk] for pk in first})
    rating = Rating.objects.first()
    Rating.objects.filter(pk=rating.pk).update(point=rating.point % 4 + 1)
    result_of(world.applications[0])
    assert len(calls) == 2


def test_who_still_owes_a_scorecard_changes_no_number_elsewhere():
    world = World()
    late = factories.application(world.job)
    assignment = factories.assignment(late, world.stage)
    factories.scorecard(assignment, world.panel[0])
    before = results_of(world.applications)
    for user in world.panel[1:]:
        factories.submitted_scorecard(assignment, user, {"c1": 1, "c2": 1, "c3": 1})
    assert results_of(world.applications) == before
    own = result_of(late)
    assert own.raw == Decimal("1.00")
    assert own.why_not == "1 scorecard is still out; the calibrated score waits for it."


def test_versions_of_one_structure_share_a_fit():
    world = World(candidates=8)
    other = factories.rubric_version(3)
    other.structure_hash = world.version.structure_hash
    other.save()
    more = World(candidates=0, version=other)
    more.panel = world.panel
    added = [more.candidate(f"R-{n}") for n in range(4)]
    results = results_of([*world.applications, *added])
    assert len({result.fingerprint for result in results.values()}) == 1
    assert all(result.calibrated for result in results.values())


def test_queries_do_not_grow_with_applications():
    world = World(candidates=12)
    results_of(world.applications[:1])
    with CaptureQueriesContext(
        connection,
    ) as one:
        results_of(world.applications[:1])
    with CaptureQueriesContext(connection) as all_of_them:
        results_of(world.applications)
    assert len(one) == len(all_of_them) <= 12


def test_equal_points_have_a_sentence_and_no_nan():
    world = World(candidates=0)
    for n in range(11):
        application = factories.application(world.job, code=f"E-{n}")
        assignment = factories.assignment(application, world.stage)
        for user in world.panel:
            factories.submitted_scorecard(assignment, user, {"c1": 3, "c2": 3, "c3": 3})
    result = result_of(application)
    assert (result.raw, result.reads_as) == (Decimal("3.00"), "at the bar")
    assert "nothing to calibrate" in result.why_not
    assert "nan" not in repr(result).lower().replace("name", "")


def test_a_debrief_opens_when_all_are_in_or_late():
    world = World(candidates=0)
    application = factories.application(world.job)
    assignment = factories.assignment(application, world.stage)
    assert not debrief_is_open(application)
    draft = factories.scorecard(assignment, world.panel[0])
    assert not debrief_is_open(application)  # late, but nothing to talk about
    factories.submitted_scorecard(assignment, world.panel[1], {"c1": 3, "c2": 3, "c3": 3})
    assert debrief_is_open(application)
    Scorecard.objects.filter(pk=draft.pk).update(due_at=timezone.now() + timedelta(hours=1))
    assert not debrief_is_open(application)
    Scorecard.objects.filter(pk=draft.pk).update(due_at=None)
    assert not debrief_is_open(application)
    Scorecard.objects.filter(pk=draft.pk).update(status="declined")
    assert debrief_is_open(application)
