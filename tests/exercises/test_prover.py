"""A flaw counts as planted only if its proof shows it; everything else disagrees or is not run."""

import json
import shutil
from datetime import datetime
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from exercises.folder import ExerciseFolder, read_folder
from exercises.prover import ProofResult, is_proven, prove, prove_each
from exercises.prover_diff import fixes, undone
from exercises.prover_services import Services

KEY = """\
slug: shop
title: Shop
kind: ai_code_review
levels: [mid]
minutes: 30
ai_policy: allowed
skills: [language_depth]
criteria: [finds_defects]
flaws:
  - {id: sums, file: app.py, lines: 5, PROOF: sums, KEYS}
  - {id: caps, file: app.py, lines: 9-10, PROOF: caps, KEYS, also: [{file: app.py, lines: 1}]}
decoys:
  - {id: odd, file: app.py, lines: 13, title: t, why_fine: w, PROOF: odd}
"""
KEYS = "severity: major, category: correctness, level: mid, title: t, harm: h, found_when: f"

ARTEFACT = """\
import math


def total(prices):
    return sum(prices) // 1


def capped(price, most):
    price = math.ceil(price)
    return price


def odd(n): return n & 1 == 1
"""
REFERENCE = (
    ARTEFACT.replace("import math", "import decimal")
    .replace("sum(prices) // 1", "sum(prices)")
    .replace("    price = math.ceil(price)\n    return price\n", "    return min(price, most)\n")
)
PROOFS = {
    "test_sums": "from app import total\nassert total([1.5, 1]) != 2.5, 'adds up'\n",
    "test_caps": "from proofkit import module\n"
    "assert module('app').capped(9, 5) > 5, 'is capped'\n",
    "test_odd": "from app import odd\nassert odd(3) and not odd(4)\n",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "exercises" / "shop"
    files = {
        "exercise.yaml": KEY.replace("PROOF: ", "proof: proofs/test_")
        .replace("_sums", "_sums.py")
        .replace("_caps", "_caps.py")
        .replace("_odd", "_odd.py")
        .replace("KEYS", KEYS),
        "brief.md": "b",
        "baseline.md": "b",
        "artefacts/app.py": ARTEFACT,
        "reference/app.py": REFERENCE,
        **{f"proofs/{name}.py": text for name, text in PROOFS.items()},
        **{f"answers/mid/{grade}.md": "a" for grade in ("strong", "fair", "weak")},
    }
    for name, text in files.items():
        write(root, name, text)
    return root


def write(root: Path, name: str, text: str) -> None:
    file = root / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def swap(root: Path, name: str, old: str, new: str) -> None:
    text = (root / name).read_text(encoding="utf-8")
    assert old in text
    write(root, name, text.replace(old, new))


def proved(root: Path) -> dict[str, ProofResult]:
    return {result.id: result for result in prove(read_folder(root), workers=2, seconds=10)}


def only(root: Path, proof: str, text: str) -> ProofResult:
    write(root, f"proofs/test_{proof}.py", text)
    return proved(root)[proof]


def test_all_agree(root: Path) -> None:
    results = proved(root)
    assert is_proven(results.values())
    cells = [(r.id, r.role, r.on_artefact, r.on_reference, r.undone) for r in results.values()]
    assert cells == [
        ("sums", "flaw", "harm", "clear", "only this"),
        ("caps", "flaw", "harm", "clear", "only this"),
        ("odd", "decoy", "holds", "holds", "–"),
    ]


def test_undoing_takes_back_exactly_one_fix(root: Path) -> None:
    folder: ExerciseFolder = read_folder(root)
    found = fixes(folder)
    assert not found.unclaimed
    assert not found.shared
    text = undone(folder, found.of["caps"])["app.py"]
    assert text == ARTEFACT.replace("sum(prices) // 1", "sum(prices)")
    text = undone(folder, found.of["sums"])["app.py"]
    assert text == REFERENCE.replace("sum(prices)", "sum(prices) // 1")


def test_an_undone_fix_in_the_reference_disagrees(root: Path) -> None:
    swap(root, "reference/app.py", "sum(prices)", "sum(prices) // 1")
    results = proved(root)
    assert results["sums"].state == "disagrees"
    assert results["sums"].on_reference == "harm"
    assert results["caps"].state == "disagrees", "undoing its fix turns the other red as well"


def test_shifted_lines_disagree(root: Path) -> None:
    swap(root, "exercise.yaml", "lines: 5,", "lines: 7-8,")
    results = proved(root)
    assert results["sums"].state == "disagrees"
    assert "no change of the reference" in results["sums"].problems[0]
    assert "app.py:5" in results["reference"].problems[0]
    assert not is_proven(results.values())


def test_lines_over_two_fixes_disagree(root: Path) -> None:
    swap(root, "exercise.yaml", "lines: 5,", "lines: 5-9,")
    results = proved(root)
    assert results["sums"].undone == "others too"
    assert {results["sums"].state, results["caps"].state} == {"disagrees"}


def test_a_file_only_the_reference_has_goes_with_its_flaw(root: Path) -> None:
    write(root, "reference/extra.py", "LIMIT = 1\n")
    assert "reference" in proved(root)
    swap(root, "exercise.yaml", "lines: 1}]", "lines: 1}, {file: extra.py}]")
    folder = read_folder(root)
    assert is_proven(prove(folder, workers=2))
    assert "extra.py" not in undone(folder, fixes(folder).of["caps"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("raise RuntimeError('no')\n", "RuntimeError"),
        ("import app\napp.no_such_thing()\n", "AttributeError"),
        ("import sys\nsys.exit(0)\n", "SystemExit"),
        ("import os\nos._exit(0)\n", "before its verdict"),
        ("x = bytearray(3 * 1024 ** 3)\n", "MemoryError"),
        ("import socket\nsocket.create_connection(('192.0.2.1', 80), 1)\n", "loopback only"),
        ("import asyncio\nasyncio.run(asyncio.open_connection('192.0.2.1', 80))\n", "loopback"),
    ],
)
def test_what_ends_otherwise_is_broken(root: Path, text: str, said: str) -> None:
    result = only(root, "sums", text)
    assert (result.on_artefact, result.state) == ("broken", "disagrees")
    assert said in "".join(result.problems)


def test_an_assert_inside_the_code_under_test_is_no_verdict(root: Path) -> None:
    swap(root, "reference/app.py", "    return sum(prices)", "    assert False; return sum(prices)")
    assert proved(root)["sums"].on_reference == "broken"


def test_a_proof_that_never_ends_is_stopped(root: Path) -> None:
    write(root, "proofs/test_odd.py", "import signal\nwhile True: signal.pause()\n")
    (result,) = [r for r in prove(read_folder(root), seconds=1) if r.id == "odd"]
    assert (result.state, result.on_artefact) == ("disagrees", "broken")
    assert "longer than 1 second" in result.problems[0]


def test_the_environment_is_clean(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "s3cret")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    text = (
        "import os\nfrom pathlib import Path\nfrom proofkit import TARGET, artefact\n"
        "assert 'SECRET_KEY' not in os.environ and 'HTTPS_PROXY' not in os.environ\n"
        "assert Path.cwd() == Path(os.environ['HOME']) and Path.cwd() != TARGET\n"
        "assert artefact('app.py') == (TARGET / 'app.py').read_text()\n"
    )
    assert only(root, "odd", text).state == "proven"


def test_a_missing_tool_is_not_run_and_never_passed(root: Path) -> None:
    swap(root, "exercise.yaml", "minutes: 30", "minutes: 30\nneeds: [no-such-tool]")
    results = proved(root)
    assert {result.state for result in results.values()} == {"not run"}
    assert results["sums"].problems == ("missing: no-such-tool",)
    assert results["sums"].undone == "not run"
    assert not is_proven(results.values())


def test_without_a_proof_nothing_is_proven(root: Path) -> None:
    swap(root, "exercise.yaml", "proof: proofs/test_sums.py, ", "")
    (root / "proofs" / "test_sums.py").unlink()
    results = proved(root)
    assert results["sums"].state == "no proof"
    assert results["caps"].state == "proven"
    assert not is_proven(results.values())


def test_postgres_gives_every_proof_an_empty_database(root: Path) -> None:
    swap(root, "exercise.yaml", "minutes: 30", "minutes: 30\nneeds: [postgresql]")
    text = (
        "from app import total\nfrom proofkit import connect, refused, together\n"
        "db = connect()\ndb.execute('CREATE TABLE t (n int PRIMARY KEY)')\n"
        "add = lambda: connect().execute('INSERT INTO t VALUES (1)')\n"
        "assert [isinstance(a, Exception) for a in together(add, add)].count(True) == 1\n"
        "assert refused(add)\n"
        "assert db.execute('SHOW timezone').fetchone() == ('UTC',)\n"
        "assert total([1.5, 1]) != 2.5, 'adds up'\n"
    )
    assert only(root, "sums", text).state == "proven"


def run(library: Path, *arguments: str) -> str:
    out = StringIO()
    call_command("prove", *arguments, library=library, workers=2, stdout=out, stderr=out)
    return out.getvalue()


def test_command_prints_a_table_and_writes_by_content_hash(root: Path) -> None:
    library = root.parents[1]
    write(library, "proofs.json", '{"old": {"slug": "shop"}, "kept": {"slug": "other"}}')
    lines = run(library, "shop", "--write").splitlines()
    assert [cell.strip() for cell in lines[0].split("|")] == [
        *("flaw", "on artefact", "on reference", "undone", "seconds")
    ]
    assert [cell.strip() for cell in lines[1].split("|")][:4] == [
        *("shop: sums", "harm", "clear", "only this")
    ]
    written = json.loads((library / "proofs.json").read_text(encoding="utf-8"))
    assert datetime.fromisoformat(written[read_folder(root).content_hash].pop("at")).tzinfo
    assert written == {
        "kept": {"slug": "other"},
        read_folder(root).content_hash: {
            "slug": "shop",
            "is_proven": True,
            "items": {"sums": "proven", "caps": "proven", "odd": "proven"},
        },
    }


def test_an_unchanged_folder_is_proven_from_what_was_kept(root: Path, tmp_path: Path) -> None:
    library, kept = root.parents[1], tmp_path / "var" / "proofs.json"
    first = run(library, "shop", "--cached", kept)
    assert "1 exercise, 2 flaws (0 contextual)" in first
    assert "flaw: 2 proven" in first
    row = json.loads(kept.read_text(encoding="utf-8"))
    [results] = row.values()
    results[0]["seconds"] = 77.7
    kept.write_text(json.dumps(row), encoding="utf-8")
    assert "77.7" in run(library, "shop", "--cached", kept)
    write(root, "brief.md", "another word")
    assert "77.7" not in run(library, "shop", "--cached", kept)


def test_command_ends_with_1_on_disagreement(root: Path) -> None:
    swap(root, "artefacts/app.py", " // 1", "")
    with pytest.raises(CommandError) as caught:
        run(root.parents[1])
    assert caught.value.returncode == 1


def test_command_names_what_cannot_be_read(root: Path) -> None:
    (root / "brief.md").unlink()
    out = StringIO()
    with pytest.raises(CommandError, match="could not be read") as caught:
        call_command("prove", "shop", library=root.parents[1], stdout=out, stderr=out)
    assert "shop/brief.md" in out.getvalue()
    assert "on artefact" not in out.getvalue()
    assert "disagree" not in str(caught.value)


def test_a_folder_anywhere_is_proven_by_its_path(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    root.rename(mine / "shop")
    monkeypatch.chdir(mine)
    for name in ("shop", "./shop", str(mine / "shop")):
        assert "flaw: 2 proven" in run(tmp_path, name), name
    with pytest.raises(CommandError, match="nonsuch: no exercise of the library, and no folder"):
        run(tmp_path, "nonsuch")
    with pytest.raises(CommandError, match="no such folder"):
        run(tmp_path / "nowhere", "shop")


def test_a_proof_that_breaks_says_where_once_and_from_its_own_lines_on(root: Path) -> None:
    text = "from app import total\n\n\ndef sums():\n    return total(nothing)\n\n\nsums()\n"
    first, *others = only(root, "sums", text).problems
    assert first.startswith("on the artefact no harm: the proof breaks: Traceback")
    assert 'test_sums.py", line 8' in first
    assert first.endswith("NameError: name 'nothing' is not defined")
    assert "runpy" not in first
    assert [other.rpartition(": ")[2] for other in others] == [
        "the proof breaks in the same way"
    ] * 2


def test_exercises_under_way_together_keep_their_own_results(root: Path, tmp_path: Path) -> None:
    """The second is begun before the first is told; each is judged by its own files."""
    second = tmp_path / "wrong" / "shop"
    shutil.copytree(root, second)
    swap(second, "exercise.yaml", "slug: shop", "slug: wrong")
    swap(second, "reference/app.py", "sum(prices)", "sum(prices) // 1")
    second = second.rename(second.with_name("wrong"))
    with Services() as services:
        each = prove_each(map(read_folder, (root, second, root)), services=services)
        slugs = [(results[0].slug, is_proven(results)) for results in each]
    assert slugs == [("shop", True), ("wrong", False), ("shop", True)]


def test_nothing_is_left_behind(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    temporary = root / ".tmp"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    proved(root)
    assert not list(temporary.iterdir())

    # Ended by hand while the second is under way.
    with Services() as services:
        each = prove_each([read_folder(root)] * 3, services=services)
        assert is_proven(next(each))
        each.close()
    assert not list(temporary.iterdir())


def test_the_library_is_proven() -> None:
    library = Path(settings.LIBRARY_DIR)
    kept = json.loads((library / "proofs.json").read_text(encoding="utf-8"))
    for key in sorted(library.glob("exercises/*/exercise.yaml")):
        folder = read_folder(key.parent)
        assert folder.content_hash in kept, f"{folder.slug}: run manage.py prove --write"
        assert kept[folder.content_hash]["is_proven"], folder.slug


def test_typescript_and_go_run_with_the_pinned_tools(root: Path) -> None:
    for side, more in (("artefacts", ""), ("reference", " + 1")):
        write(root, f"{side}/add.ts", f"export const add = (a: number): number => a{more};\n")
        write(root, f"{side}/add.go", f"package main\n\nfunc add(a int) int {{ return a{more} }}\n")
    write(root, "proofs/test_ts.py", SAYS.format('run("node", "--input-type=module", "-e", CODE)'))
    write(root, "proofs/test_go.py", SAYS.format('run(go_build("main.go"))'))
    write(root, "proofs/main.go", GO_MAIN)
    lines = [
        f"  - {{id: in-{tool}, file: add.{tool}, lines: {line}, {KEYS}, needs: [{need}],"
        f" proof: proofs/test_{tool}.py}}\n"
        for tool, need, line in (("ts", "node", 1), ("go", "go", 3))
    ]
    swap(root, "exercise.yaml", "decoys:\n", "".join(lines) + "decoys:\n")
    results = proved(root)
    assert [
        (results[f"in-{tool}"].state, results[f"in-{tool}"].problems) for tool in ("ts", "go")
    ] == [("proven", ())] * 2


SAYS = """\
from proofkit import go_build, path, run
CODE = f"import {{{{add}}}} from '{{path('add.ts')}}'; console.log(add(1))"
done = {}
assert done.returncode == 0 or 0 / 0, done.stderr
assert done.stdout.strip() == "1", done.stdout
"""
GO_MAIN = 'package main\n\nimport "fmt"\n\nfunc main() { fmt.Println(add(1)) }\n'
