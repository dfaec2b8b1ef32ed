"""The editor's pages: the form without the script, and what each page shows."""

import json
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from exercises import authoring
from exercises.actions.drafts import add_item, start_draft
from exercises.models import ExerciseDraft, ExerciseVersion
from exercises.queries.draft_checks import warnings
from tests import factories
from tests.exercises.drafts import KINDS, flaw, item, op, post, values_of, write
from tests.hostile import CALCULATED, CALCULATION

pytestmark = pytest.mark.django_db
HOSTILE = f'"><script>alert(1)</script>{CALCULATION}<img src=x onerror=alert(1)>'


# --- without the script


def test_a_plain_form_saves_adds_removes_and_undoes(
    critique: ExerciseDraft, client: Client
) -> None:
    client.force_login(critique.author)
    file = authoring.uids(values_of(critique), "artefact")[0]
    posted = post(client, critique, "key", do="add:mark", mark_file=file, mark_lines="1",
                  mark_as="decoy", mark_title="Odd import")  # fmt: skip
    assert posted.status_code == 303
    assert "Odd import" in client.get(posted["Location"]).content.decode()
    [uid] = authoring.uids(values_of(critique), "decoy")
    removed = post(client, critique, "key", do=f"remove:decoy:{uid}",
                   **{f"decoy:{uid}:why_fine": "Typed before removing."})  # fmt: skip
    page = client.get(removed["Location"]).content.decode()
    assert f"restore:decoy:{uid}:0" in page
    post(client, critique, "key", do=f"restore:decoy:{uid}:0")
    assert authoring.of(values_of(critique), "decoy", uid, "why_fine") == "Typed before removing."


def test_a_box_that_is_cleared_is_cleared(critique: ExerciseDraft, client: Client) -> None:
    client.force_login(critique.author)
    post(client, critique, "facts", title="Other", minutes="45")
    values = values_of(critique)
    assert (values["title"], values["minutes"]) == ("Other", "45")
    assert (values["levels"], values["ai_policy"]) == ([], "allowed")


def test_what_is_refused_is_shown_again_as_typed(critique: ExerciseDraft, client: Client) -> None:
    client.force_login(critique.author)
    answer = post(client, critique, "facts", title="x" * 121, levels="mid")
    assert answer.status_code == 422
    assert "x" * 121 in answer.content.decode()
    assert "Keep it below 120 characters" in answer.content.decode()
    answer = post(client, critique, "key", do="add:mark", mark_lines="everywhere",
                  mark_title="A title")  # fmt: skip
    assert answer.status_code == 422
    assert "everywhere" in answer.content.decode()


def test_two_plain_windows_keep_the_older_text_beside_the_newer(
    critique: ExerciseDraft, client: Client
) -> None:
    client.force_login(critique.author)
    url = f"{reverse('exercise_draft', args=[critique.pk])}?part=brief"
    base = client.get(url).context["base"]
    for words in ("First window", "Second window"):
        assert client.post(url, {"base": base, "brief": words}).status_code == 303
    page = client.get(url).content.decode()
    assert "First window" in page
    assert values_of(critique)["brief"] == "Second window"


@pytest.mark.parametrize("base", ["", "no json", "[]", '{"title": "x"}', "[" * 9000])
def test_a_broken_form_is_no_fault(critique: ExerciseDraft, client: Client, base: str) -> None:
    client.force_login(critique.author)
    url = reverse("exercise_draft", args=[critique.pk])
    for do in ("", "add:", "add:nothing", "remove:flaw:x", "restore:flaw:x:y", "restore:flaw",
               "move:flaw:x", "move:flaw:x:-1", "move:nothing:x:1", "?"):  # fmt: skip
        assert client.post(url, {"base": base, "do": do}).status_code == 303
    assert client.get(url, {"part": "nope", "removed": "x:y", "open": "<b>"}).status_code == 200


# --- what the pages show


def everywhere(client: Client, draft: ExerciseDraft) -> dict[str, str]:
    parts = ["facts", "brief", "files", "key", "probes", "answers"]
    url = reverse("exercise_draft", args=[draft.pk])
    pages = {part: client.get(url, {"part": part}).content.decode() for part in parts}
    for name in ("preview", "checks", "publish", "discard"):
        pages[name] = client.get(
            reverse(f"exercise_draft_{name}", args=[draft.pk])
        ).content.decode()
    pages["library"] = client.get(reverse("exercises")).content.decode()
    return pages


def test_hostile_text_is_inert_in_every_field(critique: ExerciseDraft, client: Client) -> None:
    client.force_login(critique.author)
    for group in ("decoy", "probe", "reference"):
        item(critique, group)
    values = values_of(critique)
    names = ["title", "brief", "language", "baseline", "answer:mid:strong", "mark_title", "slug"]
    for group, (_key, keys) in authoring.ITEMS.items():
        for uid in authoring.uids(values, group):
            names += [
                f"{group}:{uid}:{key}" for key in keys
                if key not in {"file", "severity", "category", "level", "contextual", "about"}
                and key not in authoring.REST
            ]  # fmt: skip
    for uid in authoring.uids(values, "artefact"):
        names += [f"artefact:{uid}:path", f"artefact:{uid}:text"]
    write(critique, **dict.fromkeys(names, HOSTILE))
    for part, page in everywhere(client, critique).items():
        assert "<script>alert" not in page, part
        assert "<img src=x" not in page, part
        assert CALCULATED not in page, part
    client.post(reverse("exercise_draft_publish", args=[critique.pk]))
    assert not ExerciseVersion.objects.exists()


def test_the_preview_is_the_candidates_page_without_the_key(
    critique: ExerciseDraft, client: Client
) -> None:
    client.force_login(critique.author)
    url = reverse("exercise_draft_preview", args=[critique.pk])
    answer = client.get(url)
    assert "workspace/workspace.html" in {template.name for template in answer.templates}
    page = answer.content.decode()
    assert "Say what hurts" in page
    assert "line-comments" in page
    for words in ("Anyone may refund", "Money leaves", "Names the missing check", "anyone-may"):
        assert words not in page
    assert client.post(url, {"review": "1"}).status_code == 302
    saved = client.post(
        reverse("exercise_draft_preview_save", args=[critique.pk]),
        json.dumps({"ops": [op("overall", "Hello", 3)]}),
        content_type="application/json",
    )
    assert saved.json()["answers"][0]["rev"] == 4
    assert "overall" not in values_of(critique)


def test_the_marks_of_a_good_exercise_are_counted(critique: ExerciseDraft, client: Client) -> None:
    client.force_login(critique.author)
    file = authoring.uids(values_of(critique), "artefact")[0]
    write(critique, minutes="5", **{f"artefact:{file}:text": "a\n# TODO hide this\n" + "b\n" * 160})
    page = client.get(reverse("exercise_draft_checks", args=[critique.pk])).content.decode()
    for words in (
        "0 flaws need the brief",
        "No decoy",
        "0 critical, 1 major, 0 minor",
        "162 lines to judge",
        "“TODO” in line 2",
        "Too long",
        "Sample answers are missing for: mid",
    ):
        assert words in page, words


def test_counts_notes_and_hints_follow_every_save(critique: ExerciseDraft, client: Client) -> None:
    client.force_login(critique.author)
    mark = authoring.uids(values_of(critique), "flaw")[0]

    def live(part: str) -> str:
        address = reverse("exercise_draft_checks", args=[critique.pk])
        page = client.get(address, {"part": part}).content.decode()
        return re.sub(r"<svg.*?</svg>", "", page)

    write(critique, **{f"flaw:{mark}:harm": ""})
    page = live("key")
    assert 'id="missing-key">1<span class="visually-hidden"> missing' in page
    assert f'id="state-flaw-{mark}"><span>not finished' in page
    assert "F1 lacks: Harm.</span></p></div>" in page

    write(critique, **{f"flaw:{mark}:harm": "Money leaves."})
    page = live("key")
    assert 'id="missing-key"></span>' in page
    assert f'id="state-flaw-{mark}"></span>' in page
    assert f'id="notes-flaw-{mark}"></div>' in page

    write(critique, title="Renewing a loan")
    assert "Left empty: renewing-a-loan" in live("facts")
    write(critique, **{f"flaw:{mark}:title": "Anyone may renew"})
    assert "Left empty: anyone-may-renew" in live("key")


def test_a_file_shows_its_name_and_is_asked_for_one(
    critique: ExerciseDraft, client: Client
) -> None:
    client.force_login(critique.author)
    file = add_item(by=critique.author, pk=critique.pk, group="artefact")
    page = client.get(reverse("exercise_draft", args=[critique.pk]), {"part": "files"})
    assert f'data-shows="artefact:{file}:path"' in page.content.decode()
    assert "Name the file, such as shop/views.py." in page.content.decode()


def test_what_an_assistant_found_is_asked_for_in_the_words_that_are_read(
    critique: ExerciseDraft,
) -> None:
    def warned() -> bool:
        notes = warnings(values_of(critique), "endpoint_critique")
        return any("no line that the library can show" in note.text for note in notes)

    assert not warned()
    write(critique, baseline="It found the first one on Friday.")
    assert warned()
    write(critique, baseline="Found 1 of 2, false alarms 0. 2026-11-28.\n\nOn Friday.")
    assert not warned()


def test_every_kind_opens_in_every_part(ana: User, client: Client) -> None:
    client.force_login(ana)
    factories.rubric_version(1)
    for kind in [*KINDS, "schema_critique", "ai_code_review"]:
        client.post(reverse("exercise_new"), {"kind": kind})
        draft = ana.exercise_drafts.get(kind=kind)
        for group in (*authoring.groups_of(kind), "artefact", "reference"):
            add_item(by=ana, pk=draft.pk, group=group)
        assert everywhere(client, draft)
    assert client.post(reverse("exercise_new"), {"kind": "quiz"}).status_code == 422
    assert client.post(reverse("exercise_new"), {"version": "x"}).status_code == 404


def test_the_editor_costs_the_same_for_one_and_thirty_marks(
    critique: ExerciseDraft, client: Client
) -> None:
    client.force_login(critique.author)

    def cost() -> list[int]:
        found = []
        for part in ("facts", "files", "key", "probes"):
            with CaptureQueriesContext(connection) as queries:
                client.get(reverse("exercise_draft", args=[critique.pk]), {"part": part})
            found.append(len(queries))
        return found

    few = cost()
    file = authoring.uids(values_of(critique), "artefact")[0]
    for _ in range(29):
        flaw(critique, file)
    assert cost() == few


def test_the_library_lists_my_drafts_at_constant_cost(ana: User, client: Client) -> None:
    client.force_login(ana)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("exercises"))
        return len(queries)

    factories.exercise_draft(ana, title="Mine")
    few = cost()
    for _ in range(20):
        factories.exercise_draft(ana, title="Another")
    assert cost() == few
    assert "Mine" in client.get(reverse("exercises")).content.decode()


def test_a_draft_without_a_title_is_called_that_by_its_buttons(ana: User, client: Client) -> None:
    client.force_login(ana)
    start_draft(by=ana, kind="endpoint_critique")
    page = client.get(reverse("exercises")).content.decode()
    assert 'Go on<span class="visually-hidden"> Without a title yet</span>' in page
    assert 'Discard<span class="visually-hidden"> Without a title yet</span>' in page


def test_the_preview_of_a_schema_draws_it_beside_its_starter(ana: User, client: Client) -> None:
    draft = start_draft(by=ana, kind="data_model")
    item(draft, "artefact", path="starter.sql", text="CREATE TABLE houses (id int PRIMARY KEY);")
    client.force_login(ana)
    url = reverse("exercise_draft_preview_erd", args=[draft.pk])
    assert url in client.get(reverse("exercise_draft_preview", args=[draft.pk])).text
    drawn = client.post(url, {"ddl": "CREATE TABLE a (h int REFERENCES houses);"}).text
    assert "1 table, 1 relationship" in drawn
    assert "houses (given)" in drawn


@pytest.mark.parametrize("kind", ["structured_interview", "endpoint_critique"])
def test_of_every_kind_an_assistants_result_can_be_kept_once_there_is_a_level(
    ana: User, client: Client, kind: str
) -> None:
    draft = start_draft(by=ana, kind=kind)
    factories.level("mid")
    client.force_login(ana)
    url = f"{reverse('exercise_draft', args=[draft.pk])}?part=answers"
    page = client.get(url).text
    assert "No level yet" in page
    assert 'name="baseline"' not in page
    write(draft, levels=["mid"])
    assert 'name="baseline"' in client.get(url).text
