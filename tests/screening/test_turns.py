"""Turns of an AI transcript: what the candidate says of each, hides of them, and what is kept."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from screening.actions import submissions as actions
from screening.models import Attachment, Scorecard
from screening.queries import transcripts
from screening.queries.turns import conversation_of
from tests import factories
from tests.screening.candidate_world import op, work, working

pytestmark = pytest.mark.django_db
TALK = "You: is a float fine?\n\nAI: Use float.\n\nYou: SECRET-WORDS here\n\nAI: Then Decimal."
FIRST, FLOAT, SECRET, DECIMAL = (turn.key for turn in transcripts.turns(TALK))


@pytest.fixture
def begun():
    return working(version=factories.exercise_version(ai_policy="transcript_required"))


def save(begun, *ops):
    _here, invitation, assignment = begun
    answers = actions.save_work(invitation=invitation, assignment=assignment, ops=list(ops))
    return [answer["status"] for answer in answers]


def talk(begun, *, own=False):
    return conversation_of(work(begun[2]), own=own)


def hand_in(begun):
    _here, invitation, assignment = begun
    actions.hand_in(invitation=invitation, assignment=assignment)


def page(begun, at="workspace"):
    client = Client()
    client.post(reverse("link", args=[begun[0].secret]))
    return client, client.get(reverse(at, args=[begun[2].pk]))


def test_what_is_said_of_a_turn_stays_with_its_words_when_the_text_around_it_changes(begun):
    save(
        begun, op("transcript", TALK), op(f"did:{FLOAT}", "rejected"), op(f"why:{FLOAT}", "Rounds.")
    )
    save(begun, op("transcript", f"You: before all\n\n{TALK}", 1))
    turn = next(one for one in talk(begun).turns if one.text == "Use float.")
    assert (turn.number, turn.did, turn.why) == (3, "rejected", "Rounds.")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (f"did:{FLOAT}", "liked"),
        (f"did:{FLOAT}", True),
        (f"why:{FLOAT}", 7),
        (f"why:{FLOAT}", "x" * 1001),
        (f"hide:{FLOAT}", "yes"),
        (f"moment:{FLOAT}", ["x"]),
        ("did:7", "accepted"),
        ("moment:../../etc", "x"),
    ],
)
def test_nothing_else_is_taken(begun, field, value):
    assert save(begun, op(field, value)) == ["invalid"]


def test_an_exercise_without_ai_has_no_turns():
    begun = working(version=factories.exercise_version(ai_policy="none"))
    assert save(begun, op(f"did:{FLOAT}", "accepted")) == ["invalid"]


def test_three_moments_and_no_fourth_until_one_is_emptied(begun):
    save(begun, op("transcript", TALK))
    for key in (FIRST, FLOAT, SECRET):
        assert save(begun, op(f"moment:{key}", "Checked it.")) == ["ok"]
    assert save(begun, op(f"moment:{DECIMAL}", "One more.")) == ["invalid"]
    assert save(begun, op(f"moment:{FLOAT}", "", 1)) == ["ok"]
    assert save(begun, op(f"moment:{DECIMAL}", "One more.")) == ["ok"]
    assert [turn.number for turn in talk(begun).moments] == [1, 3, 4]


def test_hidden_words_are_not_in_what_the_panel_reads_and_own_words_stay_readable(begun):
    save(begun, op("transcript", TALK), op(f"hide:{SECRET}", True), op(f"why:{SECRET}", "private"))
    seen, own = talk(begun).turns[2], talk(begun, own=True).turns[2]
    assert (seen.is_hidden, seen.text, seen.why, seen.number) == (True, "", "", 3)
    assert own.text == "SECRET-WORDS here"


def test_handing_in_removes_hidden_words_from_text_versions_and_files(
    begun, django_capture_on_commit_callbacks
):
    _here, invitation, assignment = begun
    save(begun, op("transcript", "You: SECRET-WORDS here"))
    save(begun, op("transcript", TALK, 0, resolve=True))
    save(begun, op("transcript", TALK, 1, resolve=True))
    row = actions.attach_transcript(
        invitation=invitation,
        assignment=assignment,
        upload=SimpleUploadedFile("a.md", TALK.encode()),
    )
    old = Path(row.file.path)
    save(begun, op(f"hide:{SECRET}", True), op(f"did:{DECIMAL}", "accepted"))
    save(begun, op(f"why:{SECRET}", "I asked about SECRET-WORDS."))
    with django_capture_on_commit_callbacks(execute=True):
        hand_in(begun)
    kept = work(assignment)
    assert "SECRET-WORDS" not in str(kept.fields)
    new = Attachment.objects.get()
    assert "SECRET-WORDS" not in Path(new.file.path).read_text()
    assert new.name == "a.json"
    assert not old.exists()
    turns = talk(begun).turns
    assert [turn.is_hidden for turn in turns[:4]] == [False, False, True, False]
    assert (turns[3].text, turns[3].did) == ("Then Decimal.", "accepted")


def test_without_a_hidden_turn_everything_stays_as_it_was(begun):
    save(begun, op("transcript", TALK), op(f"hide:{SECRET}", True))
    save(begun, op(f"hide:{SECRET}", False, 1))
    hand_in(begun)
    assert work(begun[2]).value("transcript") == TALK


def test_an_ended_link_seals_without_the_hidden_words(begun):
    save(begun, op("transcript", TALK), op(f"hide:{SECRET}", True))
    type(begun[1]).objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    assert actions.seal_expired() == 1
    assert "SECRET-WORDS" not in str(work(begun[2]).fields)


def test_the_candidates_page_shows_the_turns_and_what_was_recognised(begun):
    save(begun, op("transcript", TALK), op(f"moment:{FLOAT}", "Tried 0.1 + 0.2."))
    _client, response = page(begun)
    html = response.content.decode()
    assert "Recognised: conversation with names, 4 turns" in html
    assert html.count('data-testid="turn-') == 4
    assert "Tried 0.1 + 0.2." in html
    assert '<span data-count-of="moment:">1</span> of 3 chosen' in html


def test_what_is_being_pasted_is_read_without_being_saved(begun):
    client, _response = page(begun)
    url = reverse("transcript_turns", args=[begun[2].pk])
    html = client.post(url, {"transcript": "User: a\nAssistant: <b>b</b>"}).content.decode()
    assert html.count('data-testid="turn-') == 2
    assert "&lt;b&gt;b" in html
    assert work(begun[2]).value("transcript") == ""
    raw = client.post(url, {"transcript": "whatever this is"}).content.decode()
    assert "kept as one raw turn" in raw
    assert client.post(url, {"transcript": "nul \0"}).status_code == 200


def test_without_javascript_the_form_of_the_page_saves_the_turns(begun):
    save(begun, op("transcript", TALK))
    client, _response = page(begun)
    data = {
        "base": '{"transcript": 1}',
        "transcript": TALK,
        f"did:{FLOAT}": "changed",
        f"why:{FLOAT}": "a\r\nb",
        f"hide:{SECRET}": ["", "1"],
        f"moment:{DECIMAL}": "Verified.",
    }
    url = reverse("workspace", args=[begun[2].pk])
    assert client.post(url, data).status_code == 302
    kept = work(begun[2])
    assert kept.value(f"did:{FLOAT}") == "changed"
    assert kept.value(f"why:{FLOAT}") == "a\nb"
    assert kept.value(f"hide:{SECRET}") is True
    client.post(url, data | {f"hide:{SECRET}": ""})
    kept = work(begun[2])
    assert not kept.value(f"hide:{SECRET}", None)
    assert kept.fields[f"did:{FLOAT}"]["rev"] == 1


def test_the_panel_reads_moments_first_then_every_turn(begun):
    here, _invitation, assignment = begun
    save(
        begun,
        op("transcript", TALK),
        op(f"did:{FLOAT}", "rejected"),
        op(f"why:{FLOAT}", "Cents get lost."),
        op(f"moment:{DECIMAL}", "Asked for the proof and ran it."),
        op(f"hide:{SECRET}", True),
    )
    hand_in(begun)
    card = Scorecard.objects.filter(assignment=assignment).first()
    card = card or factories.scorecard(assignment, here.chi)
    client = Client()
    client.force_login(card.interviewer)
    html = client.get(reverse("scorecard", args=[card.pk])).content.decode()
    assert html.index('data-testid="moment-1"') < html.index('data-testid="turn-1"')
    assert 'data-anchor="moment, AI turn 4"' in html
    assert "Asked for the proof and ran it." in html
    assert "Cents get lost." in html
    assert "[hidden by candidate]" in html
    assert "SECRET-WORDS" not in html


def test_80_turns_are_usable(begun, django_assert_max_num_queries):
    text = "\n".join(f"You: question {n}\nAI: answer {n}" for n in range(40))
    save(begun, op("transcript", text))
    client, response = page(begun)
    html = response.content.decode()
    assert html.count('data-testid="turn-') == 80
    assert html.count("<") / 2 < 3000
    with django_assert_max_num_queries(12):
        client.get(reverse("workspace", args=[begun[2].pk]))
