"""A folder is read whole or refused in words: file, line, what is wrong, what would be right."""

import json
import re
import time
from pathlib import Path

import pytest
from django.conf import settings

from exercises.baseline import read_baseline
from exercises.folder import GRADES, ExerciseFolder, FolderError, Problem, read_folder
from exercises.folder_yaml import validator

LIBRARY = sorted((Path(settings.LIBRARY_DIR) / "exercises").glob("*/exercise.yaml"))

KEY = """\
slug: money
title: Money
kind: endpoint_critique
levels: [mid]
minutes: 30
ai_policy: allowed
skills: [api_security]
criteria: [finds_defects, data_integrity]
flaws:
  - id: lost-update
    file: app.py
    lines: [2, 4-5]
    severity: critical
    category: data_integrity
    level: mid
    title: Lost update
    harm: Money vanishes.
    found_when: Names the race.
    proof: proofs/test_lost_update.py
probes:
  - about: lost-update
    ask: ["What happens with two at once?"]
    listens_for: A lock.
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "money"
    files = {
        "exercise.yaml": KEY,
        "brief.md": "Review it.\n",
        "baseline.md": "2026-11-21: nothing.\n",
        "artefacts/app.py": "a\nb\nc\nd\ne\n",
        "reference/app.py": "a\nB\nc\nd\ne\n",
        "proofs/test_lost_update.py": "assert True\n",
        "answers/mid/strong.md": "4",
        "answers/mid/fair.md": "3",
        "answers/mid/weak.md": "1",
    }
    for name, text in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return root


def problems(root: Path) -> tuple[Problem, ...]:
    with pytest.raises(FolderError) as caught:
        read_folder(root)
    return caught.value.problems


def change(root: Path, old: str, new: str) -> None:
    text = (root / "exercise.yaml").read_text(encoding="utf-8")
    assert old in text
    (root / "exercise.yaml").write_text(text.replace(old, new), encoding="utf-8")


def test_reads_everything(folder: Path) -> None:
    read = read_folder(folder)
    assert isinstance(read, ExerciseFolder)
    assert read.flaws[0].lines == ((2, 2), (4, 5))
    assert read.flaws[0].contextual is False
    assert read.probes[0].about == "lost-update"
    assert read.answers == {"mid": {"strong": "4", "fair": "3", "weak": "1"}}
    assert read.artefacts == {"app.py": "a\nb\nc\nd\ne\n"}


def test_hash_follows_content_and_names_and_nothing_else(folder: Path) -> None:
    first = read_folder(folder).content_hash
    (folder / "proofs" / "__pycache__").mkdir()
    (folder / "proofs" / "__pycache__" / "x.pyc").write_bytes(b"\xff")
    (folder / ".DS_Store").write_bytes(b"\xff")
    assert read_folder(folder).content_hash == first
    (folder / "proofs" / "helper.py").write_text("x = 1\n", encoding="utf-8")
    second = read_folder(folder).content_hash
    (folder / "proofs" / "helper.py").rename(folder / "proofs" / "helpers.py")
    assert len({first, second, read_folder(folder).content_hash}) == 3


@pytest.mark.parametrize(
    ("old", "new", "line", "wrong"),
    [
        ("slug: money", "slug: cash", 1, "`slug` is 'cash'"),
        ("title: Money\n", "", 1, "has no `title`"),
        ("kind: endpoint_critique", "kind: quiz", 3, "`kind` is 'quiz'"),
        ("kind: endpoint_critique", "kind: design_discussion", 9, "does not belong to kind"),
        ("levels: [mid]", "levels: [guru]", 4, "unknown level 'guru'"),
        ("minutes: 30", "minutes: soon", 5, "`minutes` is a str"),
        ("minutes: 30", "minutes: 3", 5, "`minutes` is 3"),
        ("[finds_defects, data_integrity]", "[charm]", 8, "unknown criterion 'charm'"),
        ("[finds_defects, data_integrity]", "[a, b, c, d, e, f, g]", 8, "has 7 entries"),
        ("    file: app.py", "    file: ../app.py", 11, "`file` is '../app.py'"),
        ("    file: app.py", "    file: other.py", 11, "artefacts/ has no 'other.py'"),
        ("lines: [2, 4-5]", "lines: [2, 4-6]", 12, "lines 4-6 are not in app.py"),
        ("lines: [2, 4-5]", "lines: 5-4", 12, "lines 5-4 are not in app.py"),
        ("lines: [2, 4-5]", "lines: all", 12, "`lines` is 'all'"),
        ("severity: critical", "severity: bad", 13, "`severity` is 'bad'"),
        ("proof: proofs/test_lost_update.py", "proof: proofs/test_x.py", 19, "no file"),
        ("about: lost-update", "about: nothing", 21, "no item has the id 'nothing'"),
        ("title: Money", "title: Money\ntitle: Cash", 3, "`title` is given twice"),
        ("title: Money", "title: Money\ncolour: red", 3, "`colour` is not known here"),
        ("title: Money", "title: [", 4, "not readable as YAML"),
    ],
)
def test_says_line_and_what_would_be_right(
    folder: Path, old: str, new: str, line: int, wrong: str
) -> None:
    change(folder, old, new)
    hit = [problem for problem in problems(folder) if wrong in problem.wrong]
    assert [(problem.file, problem.line) for problem in hit] == [("exercise.yaml", line)]
    assert hit[0].right
    assert re.fullmatch(r"exercise\.yaml:\d+: .+; .+", str(hit[0]), re.DOTALL)


def test_ids_are_unique_across_kinds_of_items(folder: Path) -> None:
    change(
        folder,
        "probes:",
        "decoys:\n  - {id: lost-update, file: app.py, lines: 1, title: t, why_fine: w}\nprobes:",
    )
    (problem,) = problems(folder)
    assert problem.line == 21
    assert "already used in line 10" in problem.wrong


@pytest.mark.parametrize("name", ["brief.md", "reference/app.py"])
def test_names_missing_files(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert name.split("/")[0] in {problem.file.split("/")[0] for problem in problems(folder)}


@pytest.mark.parametrize("name", ["baseline.md", "answers/mid/fair.md"])
def test_a_team_may_publish_before_it_has_answers_and_a_baseline(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert read_folder(folder).title == "Money"


def test_missing_key_missing_folder(folder: Path, tmp_path: Path) -> None:
    (folder / "exercise.yaml").unlink()
    assert [problem.wrong for problem in problems(folder)] == ["the file is missing"]
    assert problems(tmp_path / "nowhere")[0].wrong == "no such folder"


def test_proof_nobody_names(folder: Path) -> None:
    (folder / "proofs" / "test_orphan.py").write_text("", encoding="utf-8")
    assert problems(folder)[0].file == "proofs/test_orphan.py"


def test_the_example_of_the_docs_is_right(folder: Path) -> None:
    docs = (Path(settings.BASE_DIR) / "docs" / "exercises.md").read_text(encoding="utf-8")
    [example] = re.findall(r"^```yaml\n(flaws:.*?)^```", docs, re.MULTILINE | re.DOTALL)
    head = KEY[: KEY.index("flaws:")].replace("levels: [mid]", "levels: [entry, mid]")
    files = {
        "exercise.yaml": head + example,
        "artefacts/loans.py": "line\n" * 45,
        "reference/loans.py": "line\n" * 44 + "other\n",
        **{f"answers/entry/{grade}.md": "a" for grade in GRADES},
        **dict.fromkeys(re.findall(r"proof: (\S+)", example), "assert True\n"),
    }
    (folder / "proofs" / "test_lost_update.py").unlink()
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    assert read_folder(folder).flaws[0].proof == "proofs/test_anybody_renews.py"


def test_a_language_is_one_whatever_its_case(folder: Path) -> None:
    (folder / "exercise.yaml").write_text(f"{KEY}language: Python\n", encoding="utf-8")
    assert read_folder(folder).language == "python"


def test_encoding_says_the_line(folder: Path) -> None:
    (folder / "artefacts" / "app.py").write_bytes(b"a\nb\n\xe9\nd\ne\n")
    (problem,) = problems(folder)
    assert (problem.file, problem.line) == ("artefacts/app.py", 3)
    assert "0xe9" in problem.wrong


def test_links_out_of_the_folder_are_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x", encoding="utf-8")
    (folder / "artefacts" / "notes.txt").symlink_to(tmp_path / "secret")
    assert "symbolic link" in "".join(problem.wrong for problem in problems(folder))


def test_all_problems_at_once(folder: Path) -> None:
    change(folder, "minutes: 30", "minutes: 1")
    change(folder, "severity: critical", "severity: bad")
    change(folder, "lines: [2, 4-5]", "lines: 99")
    (folder / "brief.md").unlink()
    assert [(problem.file, problem.line) for problem in problems(folder)] == [
        ("exercise.yaml", 5),
        ("exercise.yaml", 12),
        ("exercise.yaml", 13),
        ("brief.md", 1),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\n"
        "c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\n"
        "e: [*d,*d,*d,*d,*d,*d,*d,*d,*d]\n",
        "a: &a 1\nb: [" + ",".join(["*a"] * 200) + "]\n",
        "a: " + "[" * 60 + "]" * 60,
        "a: &a [*a]\n",
        "!!python/object/apply:os.system ['true']\n",
        "",
        "just text",
        "- a list",
    ],
)
def test_bombs_and_nonsense_are_refused(folder: Path, text: str) -> None:
    (folder / "exercise.yaml").write_text(text, encoding="utf-8")
    assert problems(folder)


ALIASED = "&a0 [x, x]" + "".join(f", &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 17))


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        (f"? [{ALIASED}]\n: 1", "a key that is no plain word"),
        ('title: "A\\0B"', "the character U+0000 cannot be kept"),
        ('title: "A\\ud800B"', "the character U+D800 cannot be kept"),
        ("minutes: 0x" + "f" * 200_000, "a number that is too long"),
        ("minutes: 1" + ":1" * 100_000, "a number that is too long"),
        ("a: " + "[" * 100_000, "too large or too deep"),
        ("a: [" + "x, " * 80_000 + "]", "too large or too deep"),
    ],
    ids=["bomb in a key", "nul", "half a pair", "hex", "sixties", "deep", "wide"],
)
def test_what_no_page_or_database_can_hold_is_refused_in_a_sentence(
    folder: Path, text: str, wrong: str
) -> None:
    (folder / "exercise.yaml").write_text(text, encoding="utf-8")
    assert any(wrong in str(problem) for problem in problems(folder))


def test_a_list_of_many_things_is_not_compared_each_with_each(folder: Path) -> None:
    change(
        folder, "levels: [mid]", "levels: [" + ", ".join(f"{{a: {n}}}" for n in range(3_000)) + "]"
    )
    began = time.process_time()
    assert problems(folder)
    assert time.process_time() - began < 15


@pytest.mark.parametrize("value", ["5", "true", "[[a]]", "{a: 1}"])
@pytest.mark.parametrize("key", ["kind", "levels", "criteria", "slug", "flaws", "probes"])
def test_a_value_of_any_other_shape_is_refused_in_a_sentence(
    folder: Path, key: str, value: str
) -> None:
    text = (folder / "exercise.yaml").read_text(encoding="utf-8")
    changed = re.sub(rf"(?m)^{key}:.*(\n[ -].*)*", f"{key}: {value}", text)
    assert changed != text
    (folder / "exercise.yaml").write_text(changed, encoding="utf-8")
    assert problems(folder)


def test_an_entry_given_twice_is_said_so(folder: Path) -> None:
    change(folder, "levels: [mid]", "levels: [mid, mid]")
    assert "`levels` has an entry twice" in str(problems(folder)[0])


def test_schema_is_a_schema() -> None:
    validator().check_schema(validator().schema)
    assert json.dumps(validator().schema)


@pytest.mark.parametrize("key", LIBRARY, ids=lambda key: key.parent.name)
def test_library_reads_and_keeps_the_marks(key: Path) -> None:
    read = read_folder(key.parent)
    if read.flaws:
        severities = [flaw.severity for flaw in read.flaws]
        assert 1 <= severities.count("critical") <= 2
        assert severities.count("major") >= 3
        assert sum(flaw.contextual for flaw in read.flaws) >= 2
        assert read.decoys
    assert read_baseline(read.baseline)
    assert read.answers.keys() == set(read.levels)
    assert all(grades.keys() == set(GRADES) for grades in read.answers.values())
    assert all(text.strip() for grades in read.answers.values() for text in grades.values())
    text = "\n".join(read.artefacts.values())
    assert not re.search(r"\b(TODO|FIXME|XXX|HACK|bug)\b", text)
