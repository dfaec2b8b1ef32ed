"""How often a flaw is found is counted from what is in, told from five on, and blind where due."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from exercises.models import ExerciseVersion, Flaw
from screening.models import Assignment, Scorecard
from screening.queries.exercise_statistics import Share, statistics
from tests import factories

pytestmark = pytest.mark.django_db


class Uses:
    """One exercise in one loop, given to as many people as a test asks for."""

    def __init__(self) -> None:
        self.alice = factories.recruiter()
        self.chi = factories.interviewer()
        self.dev = factories.interviewer("Dev Rao")
        self.job = factories.job(team={self.alice: "recruiter", self.chi: "interviewer"})
        self.stage = factories.loop(self.job, stages=1).stages.get()
        self.version: ExerciseVersion = self.stage.exercise_version
        Flaw.objects.create(
            version=self.version,
            slug="looks-odd",
            code="D1",
            is_decoy=True,
            file="view.py",
            lines=[[1, 1]],
            title="An import",
            harm="It is used.",
            position=2,
        )

    def work(self) -> Assignment:
        at = timezone.now() + timedelta(minutes=Assignment.objects.count())
        return factories.assignment(factories.application(self.job), self.stage, handed_in_at=at)

    def scored(self, verdict: str, *, by=None, of: Assignment | None = None, **fields) -> Scorecard:
        return factories.submitted_scorecard(
            of or self.work(), by or self.chi, {}, flaws={"no-auth": verdict}, **fields
        )

    def share(self, reader=None) -> Share | None:
        return statistics(self.version, reader or self.alice).found.get("no-auth")


@pytest.fixture
def uses() -> Uses:
    return Uses()


def test_under_five_there_is_a_sentence_and_no_number(client: Client, uses: Uses) -> None:
    for _ in range(4):
        uses.scored("found")
    client.force_login(uses.alice)
    url = reverse("exercise_statistics", args=[uses.version.pk])
    assert "Scored 4 times so far" in client.get(url).content.decode()
    assert "4 of 4" not in client.get(url).content.decode()
    assert uses.share() is None
    uses.scored("missed")
    assert "4 of 5" in client.get(url).content.decode()
    key = client.get(reverse("exercise_key", args=[uses.version.pk])).content.decode()
    assert "4 of 5" in key


def test_only_what_counts_is_counted_in_all_and_by_level(client: Client, uses: Uses) -> None:
    for verdict in ("found", "found", "partly", "missed", "missed"):
        uses.scored(verdict)
    uses.scored("found", is_abstention=True)
    factories.scorecard(uses.work(), uses.dev, flaws={"no-auth": "found"})
    cancelled = uses.scored("found").assignment
    Assignment.objects.filter(pk=cancelled.pk).update(status="cancelled")
    declined = uses.scored("found")
    Scorecard.objects.filter(pk=declined.pk).update(status="declined")
    share = uses.share()
    assert (share.found, share.partly, share.missed, share.of) == (2, 1, 2, 5)
    client.force_login(uses.alice)
    page = client.get(reverse("exercise_statistics", args=[uses.version.pk])).text
    assert "senior: found / partly / missed" in page
    assert ">2 / 1 / 2<" in page


def test_a_panel_of_two_gives_one_verdict(uses: Uses) -> None:
    for _ in range(4):
        uses.scored("found")
    both = uses.work()
    uses.scored("found", of=both)
    uses.scored("missed", of=both, by=uses.dev)
    share = uses.share()
    assert (share.found, share.of) == (4, 5)


def test_whoever_owes_a_scorecard_learns_nothing_of_that_work(uses: Uses) -> None:
    for _ in range(5):
        uses.scored("found")
    sixth = uses.work()
    uses.scored("missed", of=sixth)
    assert uses.share() == Share(found=5, of=6)
    owed = factories.scorecard(sixth, uses.alice)
    assert uses.share() == Share(found=5, of=5)
    owed.delete()
    factories.scorecard(uses.work(), uses.alice)  # of somebody else
    assert uses.share() == Share(found=5, of=6)


def test_a_conflict_hides_the_work(uses: Uses) -> None:
    for _ in range(5):
        uses.scored("found")
    sixth = uses.scored("missed").assignment
    sixth.application.conflicts.create(user=uses.alice, reason="A friend.")
    assert uses.share() == Share(found=5, of=5)


def test_an_interviewer_sees_the_key_of_their_panel_without_any_number(
    client: Client, uses: Uses
) -> None:
    for _ in range(5):
        uses.scored("found")
    factories.scorecard(uses.work(), uses.dev)
    client.force_login(uses.dev)
    key = client.get(reverse("exercise_key", args=[uses.version.pk]), {"flaw": "all"})
    assert "KEY-CANARY" in key.content.decode()
    assert "5 of 5" not in key.content.decode()
    statistics_url = reverse("exercise_statistics", args=[uses.version.pk])
    assert statistics_url not in key.content.decode()
    assert client.get(statistics_url).status_code == 404
    client.force_login(factories.interviewer("Eve Off"))
    assert client.get(reverse("exercise_key", args=[uses.version.pk])).status_code == 404


def test_levels_and_halves_are_told_only_where_they_are_large_enough(uses: Uses) -> None:
    for n in range(10):
        uses.scored("missed" if n < 5 else "found")
    mid = factories.level("mid")
    other = Uses()
    other.stage.loop.job.level = mid
    other.stage.loop.job.save()
    other.version = uses.version
    other.stage.exercise_version = uses.version
    other.scored("found")
    (row,) = statistics(uses.version, uses.alice).items
    assert [share.of for share in row.levels] == [1, 10]
    assert [share.is_enough for share in row.levels] == [False, True]
    assert [(half.found, half.of) for half in row.halves] == [(0, 5), (6, 6)]
    assert row.drift == "more"


def test_false_alarms_are_counted_once_a_work(uses: Uses) -> None:
    for n in range(5):
        alarms = {"a": "looks-odd", "b": "looks-odd", "c": ""} if n < 2 else {}
        uses.scored("found", catches={"alarms": alarms})
    told = statistics(uses.version, uses.alice)
    assert [row.flagged for row in told.decoys] == [2]
    assert told.clean_alarms == 2
    assert told.found["looks-odd"] == Share(found=2, of=5)


def test_the_pages_cost_the_same_for_five_uses_and_twenty(client: Client, uses: Uses) -> None:
    client.force_login(uses.alice)

    def cost(name: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse(name, args=[uses.version.pk])).status_code == 200
        return len(queries)

    for _ in range(5):
        uses.scored("found")
    few = {name: cost(name) for name in ("exercise_key", "exercise_statistics")}
    for _ in range(15):
        uses.scored("found")
    assert {name: cost(name) for name in few} == few
    assert max(few.values()) <= 15


def test_a_flaw_is_chosen_and_its_lines_are_marked(client: Client, uses: Uses) -> None:
    client.force_login(uses.alice)
    url = reverse("exercise_key", args=[uses.version.pk])
    page = client.get(url, {"flaw": "D1"}).content.decode()
    assert page.count('class="line marked"') == 1
    assert "It is used." in page
    assert "KEY-CANARY anyone can call it" not in page
    page = client.get(url, {"flaw": "nonsense", "part": "99999999"}).content.decode()
    assert page.count('class="line marked"') == 2
    assert "KEY-CANARY anyone can call it" in page


def test_a_file_of_1500_lines_comes_in_parts(client: Client, uses: Uses) -> None:
    text = "\n".join(f"def handler_{n}(request, value={n}):  # {n}" for n in range(1500))
    uses.version.artefacts = [{"path": "view.py", "text": text}]
    uses.version.save()
    Flaw.objects.filter(slug="no-auth").update(lines=[[900, 902]])
    client.force_login(uses.alice)

    page = client.get(reverse("exercise_key", args=[uses.version.pk])).content.decode()
    assert 'id="f1-L900"' in page
    assert page.count("<span") + page.count("<div") + page.count("<a ") < 2_500
    first = client.get(reverse("exercise", args=[uses.version.pk])).content.decode()
    assert 'id="f1-L1"' in first
    assert "?part=2" in first
    second = client.get(reverse("exercise", args=[uses.version.pk]), {"part": "2"}).content.decode()
    assert 'id="f1-L1"' not in second


def test_two_worlds_look_the_same_to_who_owes(client: Client, uses: Uses) -> None:
    """T3: what a colleague ticked must not change a byte of any page of who owes a scorecard."""
    for _ in range(5):
        uses.scored("found")
    shared = uses.work()
    shared.submission.fields = {f"comment:{NOTE}": {"v": REMARK, "rev": 1}}
    shared.submission.save()
    mine = {user: factories.scorecard(shared, user) for user in (uses.dev, uses.alice)}
    other = uses.scored("found", of=shared)

    def pages() -> dict[str, str]:
        seen = {}
        for user, card in mine.items():
            client.force_login(user)
            for name, pk in (
                ("scorecard", card.pk),
                ("exercise", uses.version.pk),
                ("exercise_key", uses.version.pk),
                ("exercise_statistics", uses.version.pk),
                ("debrief", shared.application_id),
                ("application", shared.application_id),
            ):
                answer = client.get(reverse(name, args=[pk]))
                rows = answer.content.decode().splitlines()
                kept = [row for row in rows if "csrf" not in row and "<time" not in row]
                seen[f"{user} {name}"] = f"{answer.status_code}\n" + "\n".join(kept)
            for name in ("inbox", "exercises", "debriefs"):
                text = client.get(reverse(name)).content.decode()
                seen[f"{user} {name}"] = "\n".join(
                    row for row in text.splitlines() if "csrf" not in row and "<time" not in row
                )
        return seen

    before = pages()
    assert before[f"{uses.dev} scorecard"].startswith("200")
    assert before[f"{uses.alice} exercise_statistics"].startswith("200")
    Scorecard.objects.filter(pk=other.pk).update(
        flaws={"no-auth": "missed"},
        catches={
            "flaws": {"no-auth": {"comments": [NOTE], "explained": True}},
            "alarms": {NOTE: "looks-odd"},
            "probes": {"1": "Knew it at once."},
        },
        recommendation="strong_no",
        summary="Not convinced.",
    )
    after = pages()
    assert [name for name in before if before[name] != after[name]] == []


NOTE = "6b0f3c52-3b3e-4a63-9d3b-0d2f6a1c9b11"
REMARK = {
    "file": "view.py",
    "start": 3,
    "end": 4,
    "severity": "critical",
    "category": "security",
    "text": "Nobody is authenticated here.",
}
