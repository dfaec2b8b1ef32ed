"""A folder becomes a draft and a draft a folder: byte for byte where nothing was changed."""

import random
from pathlib import Path

import pytest
from django.conf import settings

from exercises import authoring
from exercises.authoring_marks import found_again, moved, quoted
from exercises.folder import read_folder
from exercises.folder_check import KEY, Files
from exercises.folder_yaml import Document

LIBRARY = sorted((Path(settings.LIBRARY_DIR) / "exercises").iterdir())
NAMES = [path.name for path in LIBRARY]


def source(path: Path) -> tuple[dict[str, str], str]:
    files = Files(path).text
    return files, Document(file=KEY, text=files[KEY]).data["kind"]


@pytest.mark.parametrize("path", LIBRARY, ids=NAMES)
def test_an_untouched_draft_is_the_folder_it_came_from(path: Path) -> None:
    files, kind = source(path)

    written = authoring.write(authoring.begin(files), kind=kind, base=files)

    assert written == files


@pytest.mark.parametrize("path", LIBRARY, ids=NAMES)
def test_everything_is_said_again_from_the_fields_alone(path: Path, tmp_path: Path) -> None:
    """Without the old texts to keep: the same exercise, read from what the draft writes."""
    files, kind = source(path)
    proofs = {name: text for name, text in files.items() if name.startswith("proofs/")}

    written = {**proofs, **authoring.write(authoring.begin(files), kind=kind)}

    again = read_folder(authoring.lay_out(written, tmp_path / path.name))
    before = read_folder(path)
    for name in ("flaws", "decoys", "expects", "questions", "probes", "needs", "criteria", "brief"):
        assert getattr(again, name) == getattr(before, name), name
    assert again.artefacts == before.artefacts
    assert again.answers == before.answers


@pytest.mark.parametrize("path", LIBRARY, ids=NAMES)
def test_one_word_changes_one_file(path: Path) -> None:
    files, kind = source(path)
    values = authoring.begin(files)

    values["brief"] = values["brief"].replace(" the ", " this ", 1)
    written = authoring.write(values, kind=kind, base=files)

    assert {name for name in files if files[name] != written[name]} == {"brief.md"}
    assert written.keys() == files.keys()


def test_one_word_of_the_key_changes_the_key_alone() -> None:
    files, kind = source(LIBRARY[0])
    values = authoring.begin(files)
    uid = authoring.uids(values, "flaw")[0]

    values[f"flaw:{uid}:harm"] += " And then some."
    written = authoring.write(values, kind=kind, base=files)

    assert {name for name in files if files[name] != written[name]} == {KEY}


def test_a_renamed_file_takes_its_marks_along() -> None:
    files, kind = source(next(path for path in LIBRARY if path.name == "revenue-report"))
    values = authoring.begin(files)
    uid = next(
        uid for uid in authoring.uids(values, "artefact")
        if values[f"artefact:{uid}:path"] == "monthly_revenue.sql"
    )  # fmt: skip

    values[f"artefact:{uid}:path"] = "revenue/monthly.sql"
    flaws = authoring.document(values, kind)["flaws"]

    places = {flaw["file"] for flaw in flaws} | {
        place["file"] for flaw in flaws for place in flaw.get("also", ())
    }
    assert "revenue/monthly.sql" in places
    assert "monthly_revenue.sql" not in places


def test_the_proof_of_a_removed_flaw_goes_with_it_and_helpers_stay() -> None:
    files, kind = source(next(path for path in LIBRARY if path.name == "password-reset"))
    values = authoring.begin(files)
    first, *others = authoring.uids(values, "flaw")
    proof = values[f"flaw:{first}:rest"]["proof"]

    values["order:flaw"] = others
    written = authoring.write(values, kind=kind, base=files)

    assert files.keys() - written.keys() == {proof}
    assert "proofs/site_under_test.py" in written


def test_ids_are_proposed_from_titles_and_are_one_each() -> None:
    values = {
        "order:flaw": ["a", "b", "c"],
        "flaw:a:title": "Lost  update!",
        "flaw:b:title": "Lost update",
        "flaw:c:id": "lost-update-2",
        "order:question": ["q"],
    }

    named = authoring.ids(values, "endpoint_critique")

    assert named == {"a": "lost-update", "b": "lost-update-3", "c": "lost-update-2"}


@pytest.mark.parametrize(
    ("path", "is_good"),
    [
        ("shop/views.py", True),
        ("Dockerfile", True),
        ("[id].ts", True),
        ("", False),
        ("/etc/passwd", False),
        ("../x.py", False),
        ("a/../../x.py", False),
        ("a//b", False),
        (".env", False),
        ("a\\b", False),
        ("a\nb", False),
        ("x" * 121, False),
        ("ü" * 110, False),
        ("__pycache__/a.py", False),
    ],
)
def test_only_names_inside_the_folder_are_file_names(path: str, is_good: bool) -> None:
    assert authoring.is_path(path) is is_good


@pytest.mark.parametrize(
    "text",
    [
        "yes",
        "15-18",
        "2026-11-28",
        "  indented\nand more",
        "\n\nblank lines first",
        "ends in blanks   \nnext\n\n",
        "tab\there",
        "# no comment",
        "'\"{}[]&*!|>%@`",
        "a: b",
        "- a",
        "x" * 400,
        "word " * 60,
        "Ünïcode 漢字 \u202e bidi \u2028 line",
        "null",
        "~",
        "1e3",
        "---\nnot a document",
    ],
)
def test_what_is_written_reads_back_the_same(text: str) -> None:
    data = {"slug": "x", "harm": text, "flaws": [{"harm": text, "ask": [text, "b"]}]}

    assert Document(file=KEY, text=authoring.dump(data)).data == data


CODE = "".join(f"line {n}\n" for n in range(1, 21))


def lines_of(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def test_marks_follow_text_that_is_added_or_taken_above_them() -> None:
    above = CODE.replace("line 3\n", "line 3\nnew\nnewer\n")
    assert moved(CODE, above, ((8, 10), (15, 15))) == (((10, 12), (17, 17)), False)
    assert moved(above, CODE, ((10, 12), (17, 17))) == (((8, 10), (15, 15)), False)
    assert moved(CODE, CODE + "more\n", ((8, 10),)) == (((8, 10),), False)


def test_an_edited_line_keeps_its_mark_and_a_split_one_keeps_both_halves() -> None:
    edited = CODE.replace("line 9\n", "a line 9\n")
    assert moved(CODE, edited, ((9, 9),)) == (((9, 9),), False)
    split = CODE.replace("line 9\n", "line\n9 and\n")
    assert moved(CODE, split, ((9, 9),)) == (((9, 10),), False)
    inside = CODE.replace("line 9\n", "line 9\nadded\n")
    assert moved(CODE, inside, ((8, 10),)) == (((8, 11),), False)


def test_a_deleted_line_loses_its_mark_and_finds_it_again() -> None:
    cut = CODE.replace("line 9\nline 10\n", "")
    lines, is_lost = moved(CODE, cut, ((9, 10),))
    assert (lines, is_lost) == (((9, 9),), True)
    pasted = "line 9\nline 10\n" + cut
    assert found_again(pasted, quoted(CODE, ((9, 10),)), ((9, 10),)) == ((1, 2),)
    assert found_again(cut, quoted(CODE, ((9, 10),)), ((9, 10),)) == ()


def test_a_line_that_became_another_has_lost_its_mark() -> None:
    other = CODE.replace("line 9\n", "something quite different\n")
    assert moved(CODE, other, ((9, 9),)) == (((9, 9),), True)


def test_of_two_equal_places_the_nearer_one_is_meant() -> None:
    text = "a\nx\nb\nc\nx\nd\n"
    assert found_again(text, ["x"], ((4, 4),)) == ((5, 5),)


def test_whatever_is_edited_marks_stay_inside_the_file() -> None:
    chance = random.Random(7)  # noqa: S311
    for _ in range(300):
        before = lines_of(CODE)
        after = list(before)
        for _ in range(chance.randint(1, 6)):
            at = chance.randint(0, len(after))
            if chance.random() < 0.5 and after:
                del after[at : at + chance.randint(1, 5)]
            else:
                after[at:at] = ["new\n"] * chance.randint(1, 4)
        first = chance.randint(1, 20)
        last = chance.randint(first, 20)
        ((a, b),), is_lost = moved(CODE, "".join(after), ((first, last),))
        assert 1 <= a <= b <= max(1, len(after))
        # What is left of the marked lines is still inside the mark.
        kept = [n for n, line in enumerate(after, 1) if line in before[first - 1 : last]]
        assert is_lost or all(a <= n <= b for n in kept)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("15-18", ((15, 18),)),
        ("15", ((15, 15),)),
        (" 15 – 18 , 30 ", ((15, 18), (30, 30))),
        ("", ()),
        ("all", ()),
        ("3, x", ()),
    ],
)
def test_lines_as_people_write_them(text: str, lines: authoring.Lines) -> None:
    assert authoring.parse_lines(text) == lines
