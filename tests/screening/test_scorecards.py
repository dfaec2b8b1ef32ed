import pytest
from django.utils import timezone

from accounts.models import Event
from lib.errors import Refused
from rubrics.models import Anchor, CriterionLevel
from screening.actions.scorecards import (
    Incomplete,
    amend_rating,
    decline_scorecard,
    save_scorecard,
    start_scorecard,
    submit_scorecard,
)
from screening.models import Assignment, Conflict, Rating, Scorecard
from tests import factories
from tests.screening.scorecard_steps import fill, op, submitted

pytestmark = pytest.mark.django_db


def verbs():
    return list(Event.objects.order_by("at").values_list("verb", flat=True))


def test_a_saved_field_gets_a_revision_and_the_first_one_begins(card, chi):
    answers = save_scorecard(by=chi, scorecard=card, ops=[op("point:c1", "3")])
    card.refresh_from_db()
    assert (answers[0]["status"], answers[0]["rev"]) == ("ok", 1)
    assert card.value("point:c1") == "3"
    assert card.started_at is not None
    save_scorecard(by=chi, scorecard=card, ops=[op("point:c1", "4", 1)])
    assert verbs() == ["start_scorecard"]


def test_starting_twice_is_starting_once(card, chi):
    start_scorecard(by=chi, scorecard=card)
    start_scorecard(by=chi, scorecard=card)
    assert verbs() == ["start_scorecard"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("point:c1", "5"),
        ("point:c1", 3),
        ("point:c1", ["3"]),
        ("point:nowhere", "3"),
        ("evidence:c1", 7),
        ("evidence:c1", "x" * 20_001),
        ("quotes:c1", "text"),
        ("quotes:c1", [{"anchor": "L1"}]),
        ("quotes:c1", ["L1"]),
        ("flaw:no-auth", "perhaps"),
        ("flaw:unknown", "found"),
        ("recommendation", "maybe"),
        ("status", "submitted"),
        ("KINDS", "x"),
        ("summary:c1", "x"),
    ],
)
def test_a_field_or_value_that_is_not_the_scorecards_is_not_saved(card, chi, field, value):
    answers = save_scorecard(by=chi, scorecard=card, ops=[op(field, value)])
    card.refresh_from_db()
    assert answers[0]["status"] == "invalid"
    assert card.fields == {}


def test_every_kind_of_field_is_saved_and_deleted(card, chi):
    values = {
        "point:c1": "0",
        "evidence:c1": "Text",
        "quotes:c1": [{"anchor": "L3-4", "text": "nobody"}],
        "flaw:no-auth": "partly",
        "recommendation": "no_decision",
        "summary": "Short.",
    }
    save_scorecard(by=chi, scorecard=card, ops=[op(name, value) for name, value in values.items()])
    card.refresh_from_db()
    assert {name: card.value(name) for name in values} == values
    save_scorecard(by=chi, scorecard=card, ops=[op(name, None, 1) for name in values])
    card.refresh_from_db()
    assert {card.value(name) for name in values} == {None}


def test_submitting_needs_every_point_and_a_recommendation(card, chi):
    save_scorecard(by=chi, scorecard=card, ops=[op("point:c1", "3"), op("point:c2", "0")])
    with pytest.raises(Incomplete) as refused:
        submit_scorecard(by=chi, scorecard=card)
    assert len(refused.value.missing) == 2
    assert "Criterion 3" in refused.value.missing[0]
    assert "Recommendation" in refused.value.missing[1]
    assert not Rating.objects.exists()


def test_a_deleted_point_is_missing_again(card, chi):
    fill(card)
    save_scorecard(by=chi, scorecard=card, ops=[op("point:c1", None, 1)])
    with pytest.raises(Incomplete):
        submit_scorecard(by=chi, scorecard=card)


def test_ratings_keep_label_anchor_weight_and_bar_of_that_day(card, chi):
    senior = factories.level("senior")
    row = CriterionLevel.objects.get(criterion__key="c1", level=senior)
    CriterionLevel.objects.filter(pk=row.pk).update(bar=2, is_must_pass=True)
    Anchor.objects.create(
        criterion=row.criterion, level=senior, point=3, title="Senior three", text="For seniors."
    )
    done = submitted(card, points=("3", "2", "0"))
    first, second, third = done.ratings.all()
    assert (first.point, first.label, first.anchor_title) == (3, "Criterion 1", "Senior three")
    assert (first.weight, first.bar, first.is_must_pass) == (10, 2, True)
    assert first.evidence == "Named the race."
    assert (second.point, second.anchor_title, second.weight) == (2, "Point 2", 20)
    assert (third.point, third.anchor_title) == (None, "")


def test_flaws_summary_and_quotes_are_kept(card, chi):
    save_scorecard(
        by=chi,
        scorecard=card,
        ops=[
            op("flaw:no-auth", "found"),
            op("summary", "Strong."),
            op("quotes:c1", [{"anchor": "L3", "text": "nobody"}]),
        ],
    )
    done = submitted(card)
    done.refresh_from_db()
    assert done.flaws == {"no-auth": "found"}
    assert done.summary == "Strong."
    assert done.ratings.first().quotes == [{"anchor": "L3", "text": "nobody"}]
    assert done.revision == 1


def test_submitting_twice_submits_once(card, chi):
    done = submitted(card)
    again = submit_scorecard(by=chi, scorecard=card)
    assert again.submitted_at == Scorecard.objects.get(pk=done.pk).submitted_at
    assert Rating.objects.count() == 3
    assert verbs().count("submit_scorecard") == 1


def test_nobody_else_can_submit_or_save(card, dev):
    with pytest.raises(Refused):
        submit_scorecard(by=dev, scorecard=card)
    with pytest.raises(Refused):
        save_scorecard(by=dev, scorecard=card, ops=[op("point:c1", "1")])


def test_a_submitted_scorecard_is_sealed(card, chi):
    submitted(card)
    with pytest.raises(Refused) as refused:
        save_scorecard(by=chi, scorecard=card, ops=[op("point:c1", "1", 1)])
    assert refused.value.code == "sealed"


def test_work_at_home_is_scored_after_it_was_handed_in(card, assignment, chi):
    Assignment.objects.update(status="working")
    with pytest.raises(Refused) as refused:
        save_scorecard(by=chi, scorecard=card, ops=[op("point:c1", "1")])
    assert refused.value.code == "not_open"
    Assignment.objects.update(mode="live", status="planned", exercise_version=None)
    assert submitted(card).status == "submitted"


@pytest.mark.parametrize(
    ("points", "recommendation", "abstains"),
    [
        (("3", "2", "4"), "yes", False),
        (("3", "2", "4"), "no_decision", True),
        # Weights 10, 20, 30 and a floor of 60 %: the last two are 83 %, the first two 50 %.
        (("0", "2", "4"), "yes", False),
        (("3", "2", "0"), "yes", True),
        (("0", "0", "0"), "no", True),
    ],
)
def test_too_little_or_no_decision_is_an_abstention(card, points, recommendation, abstains):
    done = submitted(card, points=points, recommendation=recommendation)
    done.refresh_from_db()
    assert done.is_abstention is abstains


def test_the_last_of_the_panel_makes_the_assignment_scored(card, assignment, chi, dev):
    other = factories.scorecard(assignment, dev)
    submitted(card)
    assignment.refresh_from_db()
    assert assignment.status == "handed_in"
    submitted(other)
    assignment.refresh_from_db()
    assert assignment.status == "scored"
    assert "score_assignment" in verbs()


def test_declining_ends_access_and_no_longer_holds_the_panel_up(card, assignment, chi, dev):
    submitted(card)
    other = factories.scorecard(assignment, dev)
    decline_scorecard(by=dev, scorecard=other, reason=" We are cousins. ")
    decline_scorecard(by=dev, scorecard=other, reason="Again")
    other.refresh_from_db()
    assignment.refresh_from_db()
    assert other.status == "declined"
    assert other.declined_at is not None
    assert Conflict.objects.get().reason == "We are cousins."
    assert not Scorecard.objects.visible_to(dev).exists()
    assert assignment.status == "scored"
    assert verbs().count("decline_scorecard") == 1
    with pytest.raises(Refused):
        submit_scorecard(by=dev, scorecard=other)


def test_declining_needs_a_reason_and_a_draft(card, chi):
    with pytest.raises(Refused):
        decline_scorecard(by=chi, scorecard=card, reason="  ")
    submitted(card)
    with pytest.raises(Refused):
        decline_scorecard(by=chi, scorecard=card, reason="Cousins")
    assert not Conflict.objects.exists()


def test_an_amendment_keeps_the_old_judgement_the_reason_and_what_was_seen(
    card, assignment, chi, dev
):
    other = submitted(factories.scorecard(assignment, dev), points=("4", "4", "4"))
    rating = submitted(card, points=("3", "2", "4")).ratings.first()
    made = amend_rating(by=chi, rating=rating, point=4, evidence="Also the lock.", reason="Reread.")
    rating.refresh_from_db()
    card.refresh_from_db()
    assert (made.old_point, made.new_point, made.reason) == (3, 4, "Reread.")
    assert (made.old_evidence, made.new_evidence) == ("Named the race.", "Also the lock.")
    assert made.had_seen == [str(other.pk)]
    assert (rating.point, rating.anchor_title, rating.evidence) == (4, "Point 4", "Also the lock.")
    assert card.revision == 2
    assert Event.objects.get(verb="amend_rating").changed == ["rating:c1"]


def test_an_abstention_had_seen_nothing(card, assignment, chi, dev):
    submitted(factories.scorecard(assignment, dev), points=("4", "4", "4"))
    rating = submitted(card, recommendation="no_decision").ratings.first()
    made = amend_rating(by=chi, rating=rating, point=1, evidence="", reason="Reread.")
    assert made.had_seen == []


def test_amending_can_end_an_abstention(card, chi):
    done = submitted(card, points=("3", "2", "0"))
    amend_rating(by=chi, rating=done.ratings.last(), point=2, evidence="", reason="Heard it later.")
    done.refresh_from_db()
    assert done.is_abstention is False


def test_the_same_amendment_twice_is_one(card, chi):
    rating = submitted(card).ratings.first()
    first = amend_rating(by=chi, rating=rating, point=4, evidence="", reason="Reread.")
    assert amend_rating(by=chi, rating=rating, point=4, evidence="", reason="Reread.") == first
    with pytest.raises(Refused):
        amend_rating(by=chi, rating=rating, point=4, evidence="", reason="Another reason.")


def test_only_the_author_amends_with_a_reason_after_submission(card, chi, dev):
    rating = submitted(card).ratings.first()
    with pytest.raises(Refused):
        amend_rating(by=dev, rating=rating, point=1, evidence="", reason="Mine now.")
    with pytest.raises(Refused):
        amend_rating(by=chi, rating=rating, point=1, evidence="", reason=" ")
    with pytest.raises(Refused):
        amend_rating(by=chi, rating=rating, point=5, evidence="", reason="Better.")
    rating.refresh_from_db()
    assert rating.point == 3


def test_an_undone_choice_is_nothing_again(card, chi):
    save_scorecard(by=chi, scorecard=card, ops=[op("point:c1", "3")])
    answers = save_scorecard(by=chi, scorecard=card, ops=[op("point:c1", "", 1)])
    card.refresh_from_db()
    assert answers[0]["status"] == "ok"
    assert card.value("point:c1") is None


def test_an_expected_point_of_a_design_can_be_ticked(card, chi):
    version = card.assignment.exercise_version
    version.expects = [{"id": "history", "title": "Keeps history", "found_when": "Says so."}]
    version.save()
    ops = [op("flaw:history", "found"), op("flaw:nothing", "found")]
    answers = save_scorecard(by=chi, scorecard=card, ops=ops)
    assert [answer["status"] for answer in answers] == ["ok", "invalid"]


def test_what_moved_since_the_author_looked_is_not_sealed(card, chi):
    fill(card)
    looked = {name: entry["rev"] for name, entry in card.fields.items()}
    save_scorecard(by=chi, scorecard=card, ops=[op("point:c1", "1", 1)])
    with pytest.raises(Refused) as refused:
        submit_scorecard(by=chi, scorecard=card, revisions=looked)
    assert refused.value.code == "moved"
    looked["point:c1"] = 2
    assert submit_scorecard(by=chi, scorecard=card, revisions=looked).status == "submitted"


def test_times_are_aware(card):
    done = submitted(card)
    done.refresh_from_db()
    assert done.started_at <= done.submitted_at <= timezone.now()
