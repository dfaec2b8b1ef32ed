"""The catch matrix: comments beside the answer key, suggested, confirmed, counted and frozen."""

import json
import uuid

import pytest
from django.urls import reverse

from exercises.models import Flaw
from screening.actions.scorecards import save_scorecard
from screening.models import Scorecard
from screening.queries import catches
from tests import factories
from tests.screening.scorecard_steps import op, submitted

pytestmark = pytest.mark.django_db
ON_FLAW, ON_DECOY, ON_CLEAN, ELSEWHERE = (str(uuid.UUID(int=n)) for n in range(1, 5))


@pytest.fixture
def assignment(stage):
    """Kim wrote four comments: on a flaw, on the decoy, on a clean line, and far from a flaw."""
    made = factories.assignment(factories.application(stage.loop.job), stage)
    version = made.exercise_version
    code = "\n".join(f"step_{n}()" for n in range(1, 60))
    version.artefacts = [{"path": "view.py", "text": code}]
    version.probes = [{"about": "no-auth", "ask": ["Who may call it?"], "listens_for": "Roles."}]
    version.save()
    version.flaws.all().delete()
    flaw(version, 1, "no-auth", "critical", 3, "Nobody is authenticated, anyone can call it")
    flaw(version, 2, "float-money", "major", 20, "Money is a float and loses cents")
    flaw(version, 3, "chatty-log", "minor", 40, "The whole body goes into the log")
    flaw(version, 4, "odd-import", "", 50, "An import inside the function", is_decoy=True)
    made.submission.fields = {
        f"comment:{ON_FLAW}": comment(3, "Nobody is authenticated here."),
        f"comment:{ON_DECOY}": comment(50, "Import at the top."),
        f"comment:{ON_CLEAN}": comment(10, "Why?"),
        f"comment:{ELSEWHERE}": comment(30, "By the way: rounding is lost."),
    }
    made.submission.save()
    return made


def flaw(version, number, slug, severity, line, title, *, is_decoy=False):
    return Flaw.objects.create(
        version=version, slug=slug, code=f"{'D' if is_decoy else 'F'}{number}", is_decoy=is_decoy,
        file="view.py", lines=[[line, line]], severity=severity,
        category="security" if severity else "", title=title, harm="", found_when="",
        position=number,
    )  # fmt: skip


def comment(line, text):
    value = {
        "file": "view.py", "start": line, "end": line, "severity": "major", "category": "security",
        "text": text,
    }  # fmt: skip
    return {"v": value, "rev": 1, "op": "o", "at": "2026-11-20T10:00:00+00:00", "by": ""}


def mark(card, **said):
    """Fields by their names: `mark(card, **{"flaw:no-auth": "found"})`."""
    ops = [op(name, value) for name, value in said.items()]
    answers = save_scorecard(by=card.interviewer, scorecard=card, ops=ops)
    card.refresh_from_db()
    return [answer["status"] for answer in answers]


def matrix(card):
    work = card.assignment.submission
    return catches.matrix_of(card, card.assignment.exercise_version, work.comments)


def page(client, card):
    client.force_login(card.interviewer)
    return client.get(reverse("scorecard", args=[card.pk])).content.decode()


def test_suggestions_stand_beside_the_flaw_and_decide_nothing(client, card):
    found = matrix(card)
    assert [line.id for line in found.flaws["no-auth"].lines] == [ON_FLAW]
    assert "same lines" in found.flaws["no-auth"].lines[0].why
    assert not found.flaws["no-auth"].linked
    assert found.flaws["chatty-log"].lines == []
    assert found.recall.value is None
    html = page(client, card)
    assert "suggested" in html
    assert "checked" not in html.split('id="answer-key"')[1].split("</section>")[0]
    assert Scorecard.objects.get(pk=card.pk).fields == {}


def test_what_fits_no_flaw_may_be_a_false_alarm(card):
    loose = {one.id: (one.alarm, one.decoy) for one in matrix(card).loose}
    assert loose == {
        ON_CLEAN: ("clean", ""),
        ELSEWHERE: ("clean", ""),
        ON_DECOY: ("odd-import", "D4"),
    }


def test_confirmed_catches_are_counted_by_severity(card):
    """3·1 + 2·½ of 3 + 2 + 1, so 67 %; one comment and one flaw said aloud hit, two were alarms."""
    assert set(
        mark(
            card,
            **{
                "flaw:no-auth": "found",
                "catch:no-auth": [ON_FLAW, "explained", "fix"],
                "flaw:float-money": "partly",
                f"alarm:{ON_DECOY}": "odd-import",
                f"alarm:{ON_CLEAN}": "clean",
                f"alarm:{ELSEWHERE}": "fine",
            },
        )
    ) == {"ok"}
    found = matrix(card)
    assert found.recall_words == "67 %"
    assert found.precision_words == "50 %"
    assert found.precision.counts == {"hits": 2, "alarms": 2}
    assert found.recall.counts == {"found": 1, "partly": 1, "missed": 0, "open": 1, "all": 3}
    assert found.marks[ON_FLAW].words == "F1"
    assert found.marks[ON_DECOY].words == "false alarm D4"
    assert found.marks[ELSEWHERE].words == "fine remark"


def test_a_comment_that_is_a_flaw_is_no_alarm_whatever_was_said_before(card):
    mark(card, **{f"alarm:{ON_FLAW}": "clean"})
    assert matrix(card).precision.counts == {"hits": 0, "alarms": 1}
    mark(card, **{"flaw:no-auth": "found", "catch:no-auth": [ON_FLAW]})
    assert matrix(card).precision.counts == {"hits": 1, "alarms": 0}


def test_two_comments_may_be_one_flaw_and_one_comment_two(card):
    mark(
        card,
        **{
            "flaw:no-auth": "found",
            "catch:no-auth": [ON_FLAW, ELSEWHERE],
            "flaw:float-money": "found",
            "catch:float-money": [ELSEWHERE],
        },
    )
    assert matrix(card).precision.counts["hits"] == 2
    assert matrix(card).marks[ELSEWHERE].words == "F1 F2"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("catch:no-auth", ["somebody-elses"]),
        ("catch:no-auth", "text"),
        ("catch:no-auth", [7]),
        ("catch:unknown", []),
        (f"alarm:{ON_FLAW}", "no-auth"),
        ("alarm:unknown", "clean"),
        ("probe:2", "There is one only."),
        ("probe:0", "Counted from 1."),
        ("probe:1", 7),
    ],
)
def test_nothing_else_may_stand_in_the_fields(card, field, value):
    assert mark(card, **{field: value}) == ["invalid"]
    assert card.fields == {}


def test_an_alarm_is_taken_back_by_an_empty_value(card):
    mark(card, **{f"alarm:{ON_CLEAN}": "clean"})
    save_scorecard(by=card.interviewer, scorecard=card, ops=[op(f"alarm:{ON_CLEAN}", "", 1)])
    card.refresh_from_db()
    assert matrix(card).alarms == {}


def test_submitting_freezes_them_in_the_shape_that_is_written_down(client, card):
    mark(
        card,
        **{
            "flaw:no-auth": "found",
            "catch:no-auth": [ON_FLAW, "explained"],
            "flaw:float-money": "missed",
            "catch:float-money": [ELSEWHERE, "fix"],
            f"alarm:{ON_DECOY}": "odd-import",
            "probe:1": " Only the owner. ",
        },
    )
    done = submitted(card)
    done.refresh_from_db()
    assert done.flaws == {"no-auth": "found", "float-money": "missed"}
    assert done.catches == {
        "flaws": {
            "no-auth": {"comments": [ON_FLAW], "explained": True, "severity": False, "fix": False}
        },
        "alarms": {ON_DECOY: "odd-import"},
        "probes": {"1": "Only the owner."},
    }
    html = page(client, done)
    assert "50 %" in html  # recall 3 of 6, precision 1 of 2
    assert "explained" in html
    assert "Only the owner." in html
    assert "false alarm D4" in html
    assert "suggested" not in html.replace("chip mark suggested", "")


def test_a_scorecard_from_before_the_matrix_reads_as_it_did(client, card):
    mark(card, **{"flaw:no-auth": "found"})
    done = submitted(card)
    Scorecard.objects.filter(pk=done.pk).update(catches={})
    html = page(client, done)
    assert "<span>Found</span>" in html
    assert 'id="sum-recall">50 %' in html


def test_nobody_learns_of_anothers_catches_before_submitting(client, card, dev, assignment):
    other = factories.scorecard(assignment, dev)
    before = page(client, card)
    mark(
        other,
        **{
            "flaw:no-auth": "partly",
            "catch:no-auth": [ON_FLAW, "severity"],
            f"alarm:{ON_CLEAN}": "clean",
            "probe:1": "CANARY-PROBE",
        },
    )
    submitted(other)
    after = page(client, card)
    token = "csrf"
    assert "CANARY-PROBE" not in after
    assert strip(before, token) == strip(after, token)


def strip(html, name):
    return "\n".join(line for line in html.splitlines() if name not in line)


def test_without_javascript_the_form_confirms_and_takes_back(client, card):
    client.force_login(card.interviewer)
    url = reverse("scorecard", args=[card.pk])
    data = {
        "flaw:no-auth": "found",
        "catch:no-auth": ["", ON_FLAW, "fix"],
        f"alarm:{ON_CLEAN}": "clean",
        "probe:1": "a\r\nb",
        "keep": "1",
        "revisions": "{}",
    }
    assert client.post(url, data).status_code == 302
    card.refresh_from_db()
    assert card.value("catch:no-auth") == sorted([ON_FLAW, "fix"])
    assert card.value("probe:1") == "a\nb"
    revisions = json.dumps({name: entry["rev"] for name, entry in card.fields.items()})
    client.post(url, data | {"catch:no-auth": [""], "revisions": revisions})
    card.refresh_from_db()
    assert card.value("catch:no-auth") == []
    assert card.fields[f"alarm:{ON_CLEAN}"]["rev"] == 1


def test_hostile_words_are_inert_beside_the_key(client, card, assignment):
    assignment.submission.fields[f"comment:{ON_FLAW}"]["v"]["text"] = "<script>alert(1)</script>"
    assignment.submission.save()
    mark(card, **{"probe:1": "</textarea><script>alert(2)</script>"})
    assert "<script>alert" not in page(client, card)


def test_120_comments_on_1500_lines_stay_usable(
    client, card, assignment, django_assert_max_num_queries
):
    version = assignment.exercise_version
    code = "\n".join(f"value_{n} = call({n})" for n in range(1500))
    version.artefacts = [{"path": "view.py", "text": code}]
    version.save()
    assignment.submission.fields = {
        f"comment:{uuid.UUID(int=n)}": comment(1 + n * 12, f"Note {n}: anyone can call it.")
        for n in range(120)
    }
    assignment.submission.save()
    client.force_login(card.interviewer)
    with django_assert_max_num_queries(9):
        html = client.get(reverse("scorecard", args=[card.pk])).content.decode()
    assert html.count("data-mark=") == 120
