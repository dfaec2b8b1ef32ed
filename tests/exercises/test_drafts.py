"""An exercise is written: whose it is, what is saved, and what it is published as."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
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
from lib.errors import Refused
from tests import factories
from tests.exercises.drafts import KINDS, facts, flaw, item, op, post, values_of, write

pytestmark = pytest.mark.django_db
NAMES = sorted(path.name for path in (Path(settings.LIBRARY_DIR) / "exercises").iterdir())


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
    routes = ["", "_save", "_checks", "_publish", "_discard", "_preview", "_preview_save",
              "_preview_erd"]  # fmt: skip
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


def test_an_item_is_moved_to_a_place_and_stays_there(
    critique: ExerciseDraft, client: Client
) -> None:
    client.force_login(critique.author)
    [first], [file] = (authoring.uids(values_of(critique), one) for one in ("flaw", "artefact"))
    second, third = (flaw(critique, file, title=words) for words in ("Second", "Third"))
    page = client.get(reverse("exercise_draft", args=[critique.pk]), {"part": "key"}).text
    assert f"move:flaw:{second}:0" in page
    assert f"move:flaw:{second}:2" in page
    assert f"move:flaw:{first}:-1" not in page
    assert f"move:flaw:{third}:3" not in page
    for _ in range(2):  # pressed twice
        moved = post(client, critique, "key", do=f"move:flaw:{third}:0")
        assert authoring.uids(values_of(critique), "flaw") == [third, first, second]
    page = client.get(moved["Location"]).text
    assert re.search(rf'value="move:flaw:{third}:1" autofocus', page)
    for nowhere in (f"move:flaw:{second}", f"move:flaw:{second}:-1", f"move:flaw:{second}:x"):
        assert post(client, critique, "key", do=nowhere).status_code == 303
        assert authoring.uids(values_of(critique), "flaw") == [third, first, second]
    version = publish_draft(by=critique.author, pk=critique.pk, on_top_of="").version
    text = "".join(file["text"] for file in version.source.files if "yaml" in file["path"])
    assert (
        text.index("title: Third") < text.index("Anyone may refund") < text.index("title: Second")
    )


def test_a_new_item_is_gone_on_with_where_nothing_stands_yet(
    critique: ExerciseDraft, client: Client
) -> None:
    client.force_login(critique.author)
    file = authoring.uids(values_of(critique), "artefact")[0]
    marked = post(client, critique, "key", do="add:mark", mark_file=file, mark_lines="1",
                  mark_as="flaw", mark_title="Odd import")  # fmt: skip
    page = client.get(marked["Location"]).text
    assert re.findall(r'name="flaw:\w+:(\w+)"[^>]*autofocus', page) == ["severity"]


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
