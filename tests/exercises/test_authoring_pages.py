"""An author writes an exercise in the browser: from a kind or a version to a frozen version."""

import json
import re
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Event, User
from exercises import authoring
from exercises.actions.drafts import (
    Incomplete,
    Overtaken,
    add_item,
    discard_draft,
    publish_draft,
    remove_item,
    restore_item,
    save_draft,
    start_draft,
)
from exercises.models import ExerciseDraft, ExerciseSource, ExerciseVersion
from exercises.queries.draft_checks import warnings
from lib import autosave
from lib.errors import Refused
from tests import factories
from tests.hostile import CALCULATED, CALCULATION

pytestmark = pytest.mark.django_db
NAMES = sorted(path.name for path in (Path(settings.LIBRARY_DIR) / "exercises").iterdir())
HOSTILE = f'"><script>alert(1)</script>{CALCULATION}<img src=x onerror=alert(1)>'


@pytest.fixture
def ana() -> User:
    return factories.recruiter("Ana")


@pytest.fixture
def library() -> None:
    call_command("load_library", verbosity=0)


def op(field: str, value: Any, base: int = 0) -> dict[str, Any]:
    return {"field": field, "value": value, "base_rev": base, "id": str(uuid.uuid4())}


def write(draft: ExerciseDraft, **values: Any) -> list[dict[str, Any]]:
    """Saved as the browser does it, on top of what is there."""
    draft.refresh_from_db()
    ops = [
        op(name, value, draft.fields.get(name, {}).get("rev", 0)) for name, value in values.items()
    ]
    answers = save_draft(by=draft.author, pk=draft.pk, ops=ops)
    draft.refresh_from_db()
    return answers


def values_of(draft: ExerciseDraft) -> dict[str, Any]:
    draft.refresh_from_db()
    return autosave.values(draft.fields)


def item(draft: ExerciseDraft, group: str, **values: Any) -> str:
    uid = add_item(by=draft.author, pk=draft.pk, group=group)
    answers = write(draft, **{f"{group}:{uid}:{key}": value for key, value in values.items()})
    assert all(answer["status"] == "ok" for answer in answers), answers
    return uid


def facts(draft: ExerciseDraft, title: str = "Refund endpoint") -> None:
    answers = write(
        draft,
        title=title,
        levels=["mid"],
        minutes="30",
        skills=["data_modelling"],
        criteria=["c1"],
        brief="A shop. Say what hurts.",
    )
    assert {answer["status"] for answer in answers} == {"ok"}, answers


def flaw(draft: ExerciseDraft, file: str, **more: Any) -> str:
    return item(
        draft,
        "flaw",
        **{
            "file": file,
            "lines": "2",
            "severity": "major",
            "category": "security",
            "level": "mid",
            "title": "Anyone may refund",
            "harm": "Money leaves.",
            "found_when": "Names the missing check.",
        }
        | more,
    )


@pytest.fixture
def critique(ana: User) -> ExerciseDraft:
    factories.rubric_version(2)
    draft = start_draft(by=ana, kind="endpoint_critique")
    facts(draft)
    file = item(
        draft, "artefact", path="shop/refund.py", text="import shop\ndef refund():\n    pay()"
    )
    flaw(draft, file)
    return draft


# --- publishing


def test_a_critique_is_published_as_the_folder_it_exports(critique: ExerciseDraft) -> None:
    done = publish_draft(by=critique.author, pk=critique.pk)

    version = done.version
    assert done.is_new
    assert (version.exercise.slug, version.number, version.is_proven) == (
        "refund-endpoint",
        1,
        False,
    )
    assert version.flaws.get().slug == "anyone-may-refund"
    files = {
        file["path"]: file["text"] for file in ExerciseSource.objects.get(version=version).files
    }
    assert files["artefacts/shop/refund.py"] == "import shop\ndef refund():\n    pay()\n"
    assert files["exercise.yaml"].startswith("slug: refund-endpoint\ntitle: Refund endpoint\nkind:")
    assert not ExerciseDraft.objects.exists()


KINDS: dict[str, dict[str, dict[str, str]]] = {
    "data_model": {
        "expect": {"title": "Half open", "weight": "3", "level": "mid", "found_when": "Says so."},
        "question": {"ask": "Which rooms are free?", "answer": "SELECT 1"},
    },
    "design_discussion": {
        "expect": {"title": "A queue", "weight": "3", "level": "mid", "found_when": "Says so."},
    },
    "ai_assisted": {
        "expect": {"title": "A test", "weight": "3", "level": "mid", "found_when": "Says so."},
    },
    "structured_interview": {"question": {"ask": "What broke?", "listens_for": "Their part."}},
    "portfolio_review": {"question": {"ask": "Show one.", "listens_for": "Their part."}},
    "resume_screen": {"question": {"ask": "What is missing?", "listens_for": "Evidence."}},
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_other_kind_needs_its_own_key_and_no_more(ana: User, kind: str) -> None:
    factories.rubric_version(1)
    draft = start_draft(by=ana, kind=kind)
    facts(draft, title=f"My {kind}")
    with pytest.raises(Incomplete):
        publish_draft(by=ana, pk=draft.pk)
    for group, given in KINDS[kind].items():
        item(draft, group, **given)
    item(draft, "probe", ask="Why?\nAnd then?", listens_for="Reasons.")

    version = publish_draft(by=ana, pk=draft.pk).version

    assert (version.kind, version.title) == (kind, f"My {kind}")
    assert list(version.probes[0]["ask"]) == ["Why?", "And then?"]


@pytest.mark.parametrize("slug", NAMES)
def test_a_library_exercise_opened_and_published_untouched_is_no_new_version(
    library: None, ana: User, slug: str
) -> None:
    version = ExerciseVersion.objects.get(exercise__slug=slug)
    draft = start_draft(by=ana, version=version)

    done = publish_draft(by=ana, pk=draft.pk)

    assert (done.version.pk, done.is_new) == (version.pk, False)
    done.version.refresh_from_db()
    assert done.version.is_proven == version.is_proven
    assert ExerciseVersion.objects.filter(exercise__slug=slug).count() == 1


@pytest.mark.parametrize("slug", NAMES)
def test_one_changed_word_is_one_version_that_differs_in_one_file(
    library: None, ana: User, slug: str
) -> None:
    version = ExerciseVersion.objects.get(exercise__slug=slug)
    draft = start_draft(by=ana, version=version)
    write(draft, brief=draft.value("brief").replace(" the ", " this ", 1))

    done = publish_draft(by=ana, pk=draft.pk)

    assert (done.is_new, done.version.number, done.version.is_proven) == (True, 2, False)
    first, second = (
        {file["path"]: file["text"] for file in ExerciseSource.objects.get(version=one).files}
        for one in (version, done.version)
    )
    assert first.keys() == second.keys()
    assert [path for path in first if first[path] != second[path]] == ["brief.md"]


def test_nothing_is_published_that_is_not_finished(ana: User) -> None:
    draft = start_draft(by=ana, kind="ai_code_review")

    with pytest.raises(Incomplete) as refused:
        publish_draft(by=ana, pk=draft.pk)

    words = [note.text for note in refused.value.notes]
    assert "Give it a title." in words
    assert "Mark at least one flaw." in words
    assert not ExerciseVersion.objects.exists()


def test_a_name_that_is_taken_is_said_and_the_draft_stays(critique: ExerciseDraft) -> None:
    publish_draft(by=critique.author, pk=critique.pk)
    other = start_draft(by=critique.author, kind="structured_interview")
    facts(other)
    item(other, "question", ask="What broke?", listens_for="Their part.")

    with pytest.raises(Incomplete, match="not finished") as refused:
        publish_draft(by=critique.author, pk=other.pk)

    assert "Choose another short name" in refused.value.notes[0].text
    assert values_of(other)["title"] == "Refund endpoint"


def test_a_newer_version_is_pointed_out_and_nothing_is_lost(
    critique: ExerciseDraft, client: Client
) -> None:
    ana, ben = critique.author, factories.recruiter("Ben")
    first = publish_draft(by=ana, pk=critique.pk).version
    mine, theirs = (start_draft(by=by, version=first) for by in (ana, ben))
    write(theirs, brief="Ben's words.")
    second = publish_draft(by=ben, pk=theirs.pk).version
    write(mine, brief="Ana's words.")
    with pytest.raises(Overtaken):
        publish_draft(by=ana, pk=mine.pk)
    client.force_login(ana)

    page = client.post(reverse("exercise_draft_publish", args=[mine.pk]))

    assert page.status_code == 422
    assert "Version 2 was published after you started" in page.content.decode()
    assert values_of(mine)["brief"] == "Ana's words."
    done = client.post(reverse("exercise_draft_publish", args=[mine.pk]), {"on_top_of": second.pk})
    assert done.status_code == 303
    assert ExerciseVersion.objects.get(number=3).brief == "Ana's words.\n"


def test_a_second_press_on_publish_is_no_error(critique: ExerciseDraft, client: Client) -> None:
    client.force_login(critique.author)
    url = reverse("exercise_draft_publish", args=[critique.pk])
    assert client.post(url).status_code == 303
    again = client.post(url, follow=True)
    assert "published already" in again.content.decode()
    assert ExerciseVersion.objects.count() == 1


# --- whose it is


def test_a_draft_is_its_authors_alone(critique: ExerciseDraft) -> None:
    routes = ["", "_save", "_checks", "_publish", "_discard", "_preview", "_preview_save"]
    urls = [reverse(f"exercise_draft{name}", args=[critique.pk]) for name in routes]
    for stranger in (factories.recruiter("Ben"), factories.admin(), factories.manager()):
        client = Client()
        client.force_login(stranger)
        for url in urls:
            assert client.post(url, {}).status_code in {404, 405}, url
            assert client.get(url).status_code in {404, 405}, url
        assert "Refund endpoint" not in client.get(reverse("exercises")).content.decode()
    assert ExerciseDraft.objects.filter(pk=critique.pk).exists()


def test_an_interviewer_may_write_once_an_admin_lets_them(client: Client) -> None:
    chi = factories.interviewer()
    client.force_login(chi)
    assert client.get(reverse("exercise_new")).status_code == 404
    chi.can_author = True
    chi.save()
    assert client.post(reverse("exercise_new"), {"kind": "data_model"}).status_code == 303
    draft = chi.exercise_drafts.get()
    chi.can_author = False
    chi.save()
    assert client.get(reverse("exercise_draft", args=[draft.pk])).status_code == 404


def test_starting_publishing_and_discarding_are_in_the_ledger_and_saves_are_not(
    critique: ExerciseDraft,
) -> None:
    ana = critique.author
    publish_draft(by=ana, pk=critique.pk)
    other = start_draft(by=ana, kind="data_model")
    discard_draft(by=ana, pk=other.pk)
    assert list(Event.objects.order_by("pk").values_list("verb", flat=True)) == [
        "start_exercise_draft",
        "publish_exercise_version",
        "publish_exercise_draft",
        "start_exercise_draft",
        "discard_exercise_draft",
    ]


def test_starting_twice_is_one_draft(library: None, ana: User) -> None:
    version = ExerciseVersion.objects.latest().first()
    assert start_draft(by=ana, version=version) == start_draft(by=ana, version=version)
    first = start_draft(by=ana, kind="data_model")
    assert start_draft(by=ana, kind="data_model") == first
    write(first, title="Begun")
    assert start_draft(by=ana, kind="data_model") != first


# --- saving


def test_two_windows_keep_both_texts(critique: ExerciseDraft, client: Client) -> None:
    rev = critique.fields["brief"]["rev"]
    by, pk = critique.author, critique.pk
    [first] = save_draft(by=by, pk=pk, ops=[op("brief", "One window.", rev)])
    [second] = save_draft(by=by, pk=pk, ops=[op("brief", "The other.", rev)])
    assert (first["status"], second["status"], second["theirs"]) == (
        "ok",
        "conflict",
        "One window.",
    )
    mine = {**op("brief", "The other.", second["rev"]), "resolve": True}
    save_draft(by=by, pk=pk, ops=[mine])
    client.force_login(by)
    page = client.get(reverse("exercise_draft", args=[pk]), {"part": "brief"}).content.decode()
    assert "The other." in page
    assert "One window." in page


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("base", "x"),
        ("order:flaw", ["x"]),
        ("flaw:0:title", "x"),
        (f"flaw:{'0' * 32}:title", "x"),
        ("title", "x" * 121),
        ("title", ["x"]),
        ("levels", ["guru"]),
        ("levels", "mid"),
        ("ai_policy", "sometimes"),
        ("brief", "\x00"),
        ("brief", "\ud800"),
        ("rest", {}),
    ],
)
def test_what_no_field_may_hold_is_refused_in_words(ana: User, field: str, value: Any) -> None:
    draft = start_draft(by=ana, kind="endpoint_critique")
    before = draft.fields
    [answer] = save_draft(by=ana, pk=draft.pk, ops=[op(field, value, 1)])
    assert answer["status"] == "invalid"
    assert answer["message"]
    draft.refresh_from_db()
    assert draft.fields == before


def test_nonsense_sent_to_autosave_is_a_400(critique: ExerciseDraft, client: Client) -> None:
    client.force_login(critique.author)
    url = reverse("exercise_draft_save", args=[critique.pk])
    for body in ("", "[]", '{"ops": 1}', "[" * 5000, '{"ops": [{}]}'):
        answer = client.post(url, body, content_type="application/json")
        assert answer.status_code == 400, body[:20]
    assert Client().post(url, headers={"X-Autosave": "1"}).status_code == 401


def test_a_removed_item_comes_back_whole_where_it_stood(critique: ExerciseDraft) -> None:
    by, pk = critique.author, critique.pk
    item(critique, "flaw", title="Second")
    first, second = authoring.uids(values_of(critique), "flaw")
    at = remove_item(by=by, pk=pk, group="flaw", uid=first)
    assert authoring.uids(values_of(critique), "flaw") == [second]
    for _ in range(2):
        restore_item(by=by, pk=pk, group="flaw", uid=first, at=at)
    assert authoring.uids(values_of(critique), "flaw") == [first, second]
    assert authoring.of(values_of(critique), "flaw", first, "title") == "Anyone may refund"


def test_marks_follow_the_text_while_it_is_typed(critique: ExerciseDraft) -> None:
    values = values_of(critique)
    [uid], [file] = authoring.uids(values, "flaw"), authoring.uids(values, "artefact")
    name, text = f"artefact:{file}:text", values[f"artefact:{file}:text"]

    def lines() -> str:
        return values_of(critique)[f"flaw:{uid}:lines"]

    write(critique, **{name: f"# a\n# b\n{text}"})
    assert lines() == "4"
    write(critique, **{name: ""})
    with pytest.raises(Incomplete, match="not finished"):
        publish_draft(by=critique.author, pk=critique.pk)
    write(critique, **{name: text})
    assert lines() == "2"
    write(critique, **{name: "gone\n"})
    page = Client()
    page.force_login(critique.author)
    told = page.get(reverse("exercise_draft_checks", args=[critique.pk])).content.decode()
    assert "its lines are no longer in shop/refund.py" in told
    write(critique, **{f"flaw:{uid}:lines": "1"})
    publish_draft(by=critique.author, pk=critique.pk)


def test_there_is_an_end_to_items(ana: User) -> None:
    draft = start_draft(by=ana, kind="endpoint_critique")
    for _ in range(20):
        add_item(by=ana, pk=draft.pk, group="artefact")
    with pytest.raises(Refused, match="too many"):
        add_item(by=ana, pk=draft.pk, group="artefact")
    with pytest.raises(Refused, match="nothing of the sort"):
        add_item(by=ana, pk=draft.pk, group="expect")


# --- without the script


def post(client: Client, draft: ExerciseDraft, part: str, **fields: Any) -> Any:
    draft.refresh_from_db()
    url = f"{reverse('exercise_draft', args=[draft.pk])}?part={part}"
    shown = client.get(url).context["base"]
    return client.post(url, {"base": shown, **fields})


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
    for do in ("", "add:", "add:nothing", "remove:flaw:x", "restore:flaw:x:y", "restore:flaw", "?"):
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
