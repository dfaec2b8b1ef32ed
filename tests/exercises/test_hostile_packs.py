"""A pack of ill will, imported: inert wherever its words stand, for author, panel and candidate."""

import json
import uuid

import pytest
from django.test import Client
from django.urls import reverse

from exercises.actions.drafts import start_draft
from exercises.models import ExerciseVersion, PackUpload
from exercises.packs import read_zip
from tests import factories
from tests.exercises.packs import HOSTILE_PATH, HOSTILE_TITLE, KEY, exercise, hostile, pack
from tests.exercises.test_pack_pages import press_import, signed_in, upload
from tests.hostile import STRINGS, assert_inert
from tests.screening.candidate_world import op, world

pytestmark = pytest.mark.django_db


def imported(client):
    answer = upload(client, pack(**hostile()))
    assert answer.status_code == 302, answer.content.decode()
    at = answer["Location"]
    for query in ({}, {"exercise": "money"}):
        assert_inert(client.get(at, query).content.decode(), at)
    done = press_import(client, PackUpload.objects.get())
    assert_inert(done.content.decode(), "imported")
    return ExerciseVersion.objects.get()


def test_a_pack_of_ill_will_is_inert_in_the_library_and_in_the_editor():
    alice = factories.recruiter()
    client = signed_in(alice)
    version = imported(client)
    assert version.title == HOSTILE_TITLE
    addresses = [reverse("exercises")]
    at = reverse("exercise", args=[version.pk])
    addresses += [at, *(f"{at}?tab={tab}" for tab in ("fix", "rubric", "probes", "answers"))]
    addresses += [f"{at}?tab=history", f"{reverse('exercise_key', args=[version.pk])}?flaw=all"]
    addresses += [reverse("exercise_statistics", args=[version.pk])]
    draft = start_draft(by=alice, version=version)
    editor = reverse("exercise_draft", args=[draft.pk])
    parts = ("facts", "brief", "files", "key", "probes", "answers")
    addresses += [f"{editor}?part={part}" for part in parts]
    addresses += [f"{editor}{name}/" for name in ("preview", "checks", "publish", "discard")]
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert_inert(answer.content.decode(), address)
    shown = client.get(f"{at}?tab=answers").content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
    code = client.get(at).content.decode().partition('class="code')[2]
    assert "\u202e" not in code.partition("</section>")[0]
    back = client.get(reverse("exercise_export", args=[version.pk]))
    content = b"".join(back.streaming_content) if back.streaming else back.content
    assert read_zip(content)["money"] == exercise(**hostile())


def test_the_candidate_and_the_panel_of_such_a_pack_read_words():
    alice = factories.recruiter()
    version = imported(signed_in(alice))
    here = world(version=version, stages=1)
    browser = Client()
    browser.post(reverse("link", args=[here.secret]))
    browser.post(reverse("consent"), {"agree": "yes"})
    arg = [here.first]
    assert_inert(browser.get(reverse("work_start", args=arg)).content.decode(), "start")
    browser.post(reverse("work_start", args=arg))
    assert_inert(browser.get(reverse("workspace", args=arg)).content.decode(), "workspace")
    comment = {
        "file": HOSTILE_PATH,
        "start": 1,
        "end": 1,
        "severity": "major",
        "category": "security",
    }
    ops = [
        op(f"comment:{uuid.UUID(int=number)}", comment | {"text": text})
        for number, text in enumerate(STRINGS, 1)
    ]
    answer = browser.post(
        reverse("work_save", args=arg), json.dumps({"ops": ops}), content_type="application/json"
    )
    assert {one["status"] for one in answer.json()["answers"]} == {"ok"}
    review = browser.get(reverse("hand_in_review", args=arg))
    assert_inert(review.content.decode(), "review")
    browser.post(reverse("hand_in", args=arg), {"seen": review.context["seen"], "no_ai": "1"})
    assignment = here.application.assignments.get()
    card = factories.scorecard(assignment, here.chi)
    browser.force_login(here.chi)
    address = reverse("scorecard", args=[card.pk])
    assert_inert(browser.get(address).content.decode(), "scorecard")
    assert_inert(browser.get(reverse("inbox")).content.decode(), "inbox")


@pytest.mark.parametrize("escape", ["\\0", "\\uD800", "\\uD83D\\uDE00", "\\x01", "\\x7f"])
@pytest.mark.parametrize("place", ["title: {}", "flaws: {}", '"{}": x'])
def test_what_yaml_can_spell_and_nobody_can_keep_is_refused_with_its_line(escape, place):
    """Before, half a character in a title was an error of the server when the preview showed it."""
    client = signed_in()
    old = "title: Money transfer"
    if place.startswith("title"):
        key = KEY.format(slug="money").replace(old, f'title: "Money {escape} transfer"')
    elif place.startswith("flaws"):
        key = KEY.format(slug="money").replace("harm: Money vanishes.", f'harm: "It {escape} goes"')
    else:
        key = KEY.format(slug="money") + f'"x{escape}": 1\n'
    answer = upload(client, pack(**{"exercise.yaml": key}))
    page = client.get(answer["Location"]).content.decode()
    assert "cannot be kept; leave it out" in page
    press_import(client, PackUpload.objects.get())
    assert not ExerciseVersion.objects.exists()


def test_a_megabyte_in_one_file_is_a_sentence():
    client = signed_in()
    answer = upload(client, pack(**{"brief.md": "W" * 1_000_000}))
    page = answer.content.decode()
    if answer.status_code == 302:
        page = client.get(answer["Location"]).content.decode()
        press_import(client, PackUpload.objects.get())
    assert "too large" in page
    assert not ExerciseVersion.objects.exists()


@pytest.mark.parametrize("end", ["\f", "\u2028", "\x85", "\v"])
def test_what_ends_no_line_for_readers_ends_none_for_the_key(end):
    """A flaw in a line that nobody sees would be a key that leads nowhere."""
    client = signed_in()
    files = {"artefacts/app.py": f"one{end}two\n", "reference/app.py": f"one{end}three\n"}
    answer = upload(client, pack(**files))
    assert "lines 2-2 are not in app.py" in client.get(answer["Location"]).content.decode()
