import pytest

from accounts.models import Event
from exercises.models import Exercise
from lib.errors import Refused
from rubrics.models import Rubric
from screening.actions import loops
from screening.actions.assignments import assign_loop
from screening.actions.templates import loop_templates
from screening.models import Loop, LoopStatus, Stage
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice():
    return factories.recruiter()


@pytest.fixture
def draft(alice):
    job = factories.job(team={alice: "recruiter"})
    return loops.create_loop(by=alice, job=job, rubric_version=factories.rubric_version(8))


def order(loop):
    return list(loop.stages.order_by("position").values_list("title", "position"))


def three(loop, by):
    return [
        loops.add_stage(
            by=by, loop=loop, exercise_version=factories.exercise_version(title=f"Exercise {n}")
        )
        for n in (1, 2, 3)
    ]


def test_the_library_has_three_templates_that_fit_their_rules():
    templates = loop_templates()
    assert {template.key for template in templates} == {"entry", "mid", "senior"}
    for template in templates:
        assert all(len(stage["criteria"]) <= Stage.MAX_CRITERIA for stage in template.stages)


def test_a_loop_is_copied_from_a_template(alice):
    template = next(t for t in loop_templates() if t.key == "senior")
    version = factories.rubric_version(1)
    Rubric.objects.filter(pk=version.rubric_id).update(key=template.rubric)
    slug = template.stages[0]["exercise"]
    exercise = factories.exercise_version()
    Exercise.objects.filter(pk=exercise.exercise_id).update(slug=slug)
    loop = loops.create_loop(by=alice, job=factories.job(), template="senior")
    assert loop.rubric_version == version
    assert [stage.title for stage in loop.stages.all()] == [s["title"] for s in template.stages]
    assert loop.stages.first().exercise_version == exercise


def test_a_job_has_one_loop(alice, draft):
    with pytest.raises(Refused):
        loops.create_loop(by=alice, job=draft.job)


@pytest.mark.parametrize("template", [None, "nothing"])
def test_without_rubric_or_template_it_says_what_is_missing(alice, template):
    with pytest.raises(Refused):
        loops.create_loop(by=alice, job=factories.job(), template=template)
    assert not Loop.objects.exists()


def test_a_stage_takes_what_is_not_said_from_its_exercise(alice, draft):
    stage = loops.add_stage(by=alice, loop=draft, exercise_version=factories.exercise_version())
    assert (stage.mode, stage.minutes, stage.criteria) == ("take_home", 30, ["c1", "c2"])
    talk = loops.add_stage(by=alice, loop=draft, title="Incident")
    assert (talk.mode, talk.position) == ("live", 2)


def test_moving_keeps_positions_dense(alice, draft):
    first, _second, third = three(draft, alice)
    loops.move_stage(by=alice, stage=third, to_position=1)
    assert order(draft) == [("Exercise 3", 1), ("Exercise 1", 2), ("Exercise 2", 3)]
    loops.remove_stage(by=alice, stage=first)
    loops.remove_stage(by=alice, stage=first)
    assert order(draft) == [("Exercise 3", 1), ("Exercise 2", 2)]
    assert Event.objects.filter(verb="remove_stage").count() == 1


@pytest.mark.parametrize("position", [0, 4, -1])
def test_there_is_no_position_outside(alice, draft, position):
    with pytest.raises(Refused):
        loops.move_stage(by=alice, stage=three(draft, alice)[0], to_position=position)


@pytest.mark.parametrize(
    "facts",
    [
        {"criteria": [f"c{n}" for n in range(1, 8)]},
        {"criteria": ["c1", "c1"]},
        {"criteria": ["nothing"]},
        {"minutes": 0},
        {"interviewers_needed": 99},
        {"mode": "by post"},
        {"title": ""},
    ],
)
def test_a_stage_refuses_what_does_not_fit(alice, draft, facts):
    stage = three(draft, alice)[0]
    with pytest.raises(Refused):
        loops.update_stage(by=alice, stage=stage, **facts)
    stage.refresh_from_db()
    assert stage.criteria == ["c1", "c2"]


def test_publishing_says_what_is_missing_and_counts_once(alice, draft):
    with pytest.raises(Refused, match="at least one stage"):
        loops.publish_loop(by=alice, loop=draft)
    stage = three(draft, alice)[0]
    loops.update_stage(by=alice, stage=stage, exercise_version=None)
    with pytest.raises(Refused, match="without an exercise"):
        loops.publish_loop(by=alice, loop=draft)
    loops.remove_stage(by=alice, stage=stage)
    for _ in range(2):
        loops.publish_loop(by=alice, loop=draft)
    assert draft.status == LoopStatus.PUBLISHED
    assert Event.objects.filter(verb="publish_loop").count() == 1


def test_closing_and_opening_again_keeps_the_first_date(alice, draft):
    with pytest.raises(Refused):
        loops.close_loop(by=alice, loop=draft)
    three(draft, alice)
    opened = loops.publish_loop(by=alice, loop=draft).published_at
    loops.close_loop(by=alice, loop=draft)
    with pytest.raises(Refused):
        loops.add_stage(by=alice, loop=draft, title="Late")
    assert loops.publish_loop(by=alice, loop=draft).published_at == opened


def test_an_edit_reaches_later_assignments_only(alice, draft):
    stage = three(draft, alice)[0]
    loops.publish_loop(by=alice, loop=draft)
    before = factories.application(draft.job)
    assign_loop(by=alice, application=before)
    loops.update_stage(by=alice, stage=stage, minutes=60, criteria=["c3"])
    loops.remove_stage(by=alice, stage=draft.stages.last())
    after = factories.application(draft.job)
    assert len(assign_loop(by=alice, application=after)) == 2
    assert len(assign_loop(by=alice, application=before)) == 3
    old, new = (app.assignments.first() for app in (before, after))
    assert (old.minutes, old.criteria) == (30, ["c1", "c2"])
    assert (new.minutes, new.criteria) == (60, ["c3"])


def test_rules_change_within_limits(alice, draft):
    loops.update_loop(by=alice, loop=draft, link_days=7, hides_identity=False)
    draft.refresh_from_db()
    assert (draft.link_days, draft.hides_identity) == (7, False)
    with pytest.raises(Refused):
        loops.update_loop(by=alice, loop=draft, link_days=0)


def test_the_rubric_stays_once_somebody_is_judged_by_it(alice, draft):
    three(draft, alice)
    other = factories.rubric_version(1)
    loops.update_loop(by=alice, loop=draft, rubric_version=other)
    assert draft.stages.first().criteria == ["c1"]
    loops.publish_loop(by=alice, loop=draft)
    assign_loop(by=alice, application=factories.application(draft.job))
    with pytest.raises(Refused):
        loops.update_loop(by=alice, loop=draft, rubric_version=factories.rubric_version())
