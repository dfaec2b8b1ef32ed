"""Packs go in and out by command: byte for byte, all or nothing, and never proven on their word."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Event
from exercises.actions.packs import import_pack
from exercises.actions.publishing import publish_folder, record_proofs
from exercises.folder import read_folder
from exercises.models import Exercise, ExerciseSource, ExerciseVersion, Flaw
from exercises.packs import read_zip, unpacked
from exercises.proofs import Proved
from exercises.prover import PROVEN, ProofResult
from exercises.queries.packs import preview_pack
from tests.exercises.packs import exercise, pack, zipped

pytestmark = pytest.mark.django_db


def run(name: str, *args: object) -> str:
    out = StringIO()
    call_command(name, *(str(arg) for arg in args), stdout=out)
    return out.getvalue()


def publish(slug: str = "money", *, proved: Proved | None = None, **changed: str) -> None:
    with unpacked(slug, exercise(slug, **changed)) as root:
        publish_folder(folder=read_folder(root), proved=proved)


def test_out_and_in_and_out_again_gives_the_same_bytes(tmp_path: Path) -> None:
    publish("money")
    publish("cash", **{"brief.md": "Zwei Räume,\r\n\tzwei Wege\n"})
    first, second = tmp_path / "first.zip", tmp_path / "second.zip"
    run("export_pack", "--all", "--to", first)
    run("export_pack", "--all", "--to", tmp_path / "folder")

    Flaw.objects.all().delete()
    ExerciseSource.objects.all().delete()
    ExerciseVersion.objects.all().delete()
    Exercise.objects.all().delete()
    run("import_pack", first, "--yes")

    run("export_pack", "--all", "--to", second)
    assert first.read_bytes() == second.read_bytes()
    assert (tmp_path / "folder" / "cash" / "brief.md").read_bytes() == (
        "Zwei Räume,\r\n\tzwei Wege\n".encode()
    )
    assert "unchanged" in run("import_pack", tmp_path / "folder", "--yes")
    assert ExerciseVersion.objects.count() == 2


def test_a_preview_says_new_changed_unchanged_invalid_and_why() -> None:
    publish("same")
    publish("money")
    files = {
        f"{slug}/{path}": text
        for slug, one in {
            "same": exercise("same"),
            "money": exercise(**{"brief.md": "Review it well.\n", "notes.md": "new\n"}),
            "fresh": exercise("fresh"),
            "broken": exercise("broken", **{"brief.md": None}),
        }.items()
        for path, text in one.items()
    }
    events = Event.objects.count()

    entries = {entry.slug: entry for entry in preview_pack(read_zip(zipped(files)))}

    assert {slug: entry.state for slug, entry in entries.items()} == {
        "same": "unchanged",
        "money": "changed",
        "fresh": "new",
        "broken": "invalid",
    }
    assert [(c.path, c.state) for c in entries["money"].changes] == [
        ("brief.md", "changed"),
        ("notes.md", "added"),
    ]
    (problem,) = entries["broken"].problems
    assert str(problem) == ("brief.md:1: is missing or empty; say what the candidate has to do")
    assert Event.objects.count() == events
    assert ExerciseVersion.objects.count() == 2


def test_the_command_shows_the_difference_and_leaves_out_what_is_wrong(tmp_path: Path) -> None:
    publish("money")
    file = tmp_path / "pack.zip"
    money = exercise(**{"brief.md": "Review it well.\n"})
    broken = exercise("broken", **{"exercise.yaml": "slug: broken\nminutes: soon\n"})
    file.write_bytes(
        zipped(
            {f"money/{path}": text for path, text in money.items()}
            | {f"broken/{path}": text for path, text in broken.items()}
        )
    )
    out = StringIO()
    with pytest.raises(CommandError, match="1 left out"):
        call_command("import_pack", str(file), "--yes", stdout=out)
    said = out.getvalue()
    assert "-Review it.\n" in said
    assert "+Review it well.\n" in said
    assert "broken/exercise.yaml:2: `minutes` is a str" in said
    assert list(ExerciseVersion.objects.values_list("exercise__slug", "number")) == [
        ("money", 2),
        ("money", 1),
    ]


def test_saying_no_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "pack.zip"
    file.write_bytes(pack())
    monkeypatch.setattr("builtins.input", lambda question: "")
    assert "Nothing was imported" in run("import_pack", file)
    assert not ExerciseVersion.objects.exists()
    monkeypatch.setattr("builtins.input", lambda question: "y")
    assert "not proven" in run("import_pack", file)
    assert ExerciseVersion.objects.get().source.files


def test_a_trap_is_refused_in_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "pack.zip"
    file.write_bytes(zipped({"../escaped": b"x"}))
    with pytest.raises(CommandError, match="leads out of the pack"):
        run("import_pack", file, "--yes")
    with pytest.raises(CommandError, match="no such folder"):
        run("import_pack", tmp_path / "nowhere", "--yes")
    assert [path.name for path in tmp_path.iterdir()] == ["pack.zip"]


def test_all_or_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    files = {f"{slug}/{p}": t for slug in ("a1", "b2") for p, t in exercise(slug).items()}
    entries = preview_pack(read_zip(zipped(files)))
    make = ExerciseSource.objects.create

    def fail(*, version: ExerciseVersion, **fields: object) -> ExerciseSource:
        if version.exercise.slug == "b2":
            raise RuntimeError("the disk is full")
        return make(version=version, **fields)

    monkeypatch.setattr(ExerciseSource.objects, "create", fail)
    with pytest.raises(RuntimeError):
        import_pack(entries=entries)
    assert not Exercise.objects.exists()


def test_an_import_is_proven_only_if_the_same_files_were_proved_here() -> None:
    publish("money", proved=Proved(is_proven=True, states={"lost-update": "proven"}))
    publish("money", **{"brief.md": "Another.\n"})
    assert not ExerciseVersion.objects.get(number=2).is_proven

    import_pack(entries=preview_pack(read_zip(pack())))
    assert ExerciseVersion.objects.get(number=3).proof_states == {"lost-update": "proven"}
    import_pack(entries=preview_pack(read_zip(pack(**{"brief.md": "A third.\n"}))))
    assert not ExerciseVersion.objects.get(number=4).is_proven


def test_what_is_installed_is_proved_from_the_files_it_was_made_of(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    publish("money")
    publish("cash")
    seen = []

    def prove_each(folders, workers, *, services):
        for folder in folders:
            seen.append((folder.slug, (folder.path / "proofs" / "test_lost_update.py").read_text()))
            yield [ProofResult(folder.slug, "lost-update", "flaw", PROVEN)]

    monkeypatch.setattr("exercises.management.commands.prove.prove_each", prove_each)
    run("prove", "--installed", "money")

    assert seen == [("money", "assert True\n")]
    money = ExerciseVersion.objects.get(exercise__slug="money")
    assert money.is_proven
    assert money.proof_states == {"lost-update": "proven"}
    assert money.proved_at is not None
    assert not ExerciseVersion.objects.get(exercise__slug="cash").is_proven
    assert Event.objects.filter(verb="prove_exercise_version", object_id=money.pk).exists()


def test_a_version_from_before_files_were_kept_says_what_to_do(tmp_path: Path) -> None:
    publish("money")
    ExerciseSource.objects.all().delete()
    with pytest.raises(CommandError, match="money: published before versions kept their files"):
        run("export_pack", "money", "--to", tmp_path / "pack.zip")
    assert not list(tmp_path.iterdir())
    (entry,) = preview_pack(read_zip(pack(**{"brief.md": "Another.\n"})))
    assert entry.has_no_source

    publish("money")  # the same content: the files are added, no version is
    assert ExerciseVersion.objects.count() == 1
    assert "pack.zip: 1" in run("export_pack", "money", "--to", tmp_path / "pack.zip")


def test_a_later_result_takes_the_place_of_an_earlier_one() -> None:
    publish("money", proved=Proved(is_proven=True, states={"lost-update": "proven"}))
    version = ExerciseVersion.objects.get()
    record_proofs(version=version, proved=Proved(False, {"lost-update": "disagrees"}))
    version.refresh_from_db()
    assert (version.is_proven, version.proof_states) == (False, {"lost-update": "disagrees"})


def test_names_have_to_be_known(tmp_path: Path) -> None:
    publish("money")
    with pytest.raises(CommandError, match=r"No published exercise nope\. There are: money"):
        run("export_pack", "nope", "--to", tmp_path / "x.zip")
    with pytest.raises(CommandError, match="Name exercises, or say --all"):
        run("export_pack", "--to", tmp_path / "x.zip")
