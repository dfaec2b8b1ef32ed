"""A zip from a stranger is read without trust: a sentence for every trick, and nothing on disk."""

import stat
import struct
import warnings
import zipfile
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest

from exercises import packs
from exercises.folder import FolderError, read_folder
from exercises.packs import PackError, read_directory, read_zip, unpacked, write_directory
from tests.exercises.packs import entry, exercise, pack, zipped

GOOD = {f"money/{path}": text for path, text in exercise().items()}


def refused(data: bytes) -> str:
    with pytest.raises(PackError) as caught:
        read_zip(data)
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert sentence.isprintable()
    return sentence


@pytest.fixture(autouse=True)
def _nothing_is_left_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    yield
    assert not list(temporary.rglob("*"))
    assert not (tmp_path / "escaped").exists()


def test_an_honest_pack_is_read() -> None:
    assert read_zip(zipped(GOOD)) == {"money": exercise()}


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("../escaped", "leads out of the pack"),
        ("money/../../escaped", "leads out of the pack"),
        ("/tmp/escaped", "begins with a slash"),
        ("..\\escaped", "backslash"),
        ("money\\brief.md", "backslash"),
        ("C:/escaped", "drive letter"),
        ("c:escaped", "drive letter"),
        ("money//brief.md", "an empty part"),
        ("money/./brief.md", "an empty part"),
        ("money/brief\n.md", "cannot be shown"),
        ("money/\u202egpj.md", "cannot be shown"),
        ("money/" + "x" * 150, "too long"),
        ("/".join("x" * 30 for _ in range(9)), "too long"),
    ],
)
def test_a_name_that_points_elsewhere(name: str, says: str) -> None:
    assert says in refused(zipped(GOOD, (entry(name), b"gotcha")))


def test_a_second_name_in_an_extra_field() -> None:
    """Python 3.13 writes `filename` anew from the field 0x7075; an older one leaves it."""
    info = zipfile.ZipInfo("money/brief.md")
    info.filename = "money/../../../escaped"
    with pytest.raises(PackError, match="has a second name"):
        packs._check_entry(info)


def test_a_link_in_the_zip() -> None:
    link = entry("money/artefacts/passwd", external_attr=(stat.S_IFLNK | 0o777) << 16)
    assert "is a link" in refused(zipped(GOOD, (link, b"/etc/passwd")))


def test_a_device_in_the_zip() -> None:
    pipe = entry("money/artefacts/pipe", external_attr=(stat.S_IFIFO | 0o666) << 16)
    assert "no ordinary file" in refused(zipped(GOOD, (pipe, b"")))


def test_a_zip_bomb_that_says_its_size() -> None:
    bomb = zipped(GOOD, *((entry(f"money/{n}.txt"), b"\0" * packs.MB) for n in range(8)))
    assert len(bomb) < packs.MB
    assert "zip bomb" in refused(bomb)


def test_a_pack_that_is_simply_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    noise = Random(1).randbytes(60_000)  # noqa: S311
    monkeypatch.setattr(packs, "MAX_BYTES", 50_000)
    assert "unpacks to more than" in refused(zipped(GOOD, (entry("money/noise"), noise)))


def test_a_zip_that_lies_about_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """The directory claims a few bytes: what comes out is counted, or does not fit the checksum."""
    data = bytearray(zipped({"money/exercise.yaml": b"\0" * 3 * packs.MB}))
    at = data.rindex(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<I", 10)
    assert "cannot be read as a zip" in refused(bytes(data))


def test_a_zip_larger_than_any_pack(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packs, "MAX_ZIP", 1_000)
    assert "larger than" in refused(zipped(GOOD))


def test_ten_thousand_files() -> None:
    many = zipped({f"money/{n}": b"" for n in range(10_000)})
    assert "more than 5,000 files" in refused(many)


def test_a_pack_behind_a_password() -> None:
    data = bytearray(zipped(GOOD))
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    assert "is encrypted" in refused(bytes(data))


def test_a_rare_compression() -> None:
    rare = entry("money/x", compress_type=zipfile.ZIP_LZMA)
    assert "ordinary deflate" in refused(zipped(GOOD, (rare, b"x")))


def test_one_name_twice_and_names_that_differ_in_case() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # zipfile's own, while the trap is built
        twice = zipped(GOOD, (entry("money/brief.md"), b"another"))
    assert "twice" in refused(twice)
    assert "upper and lower case" in refused(zipped(GOOD, (entry("money/BRIEF.md"), b"x")))
    both = zipped(GOOD, (entry("money/é"), b"x"), (entry("money/e\u0301"), b"x"))
    assert "upper and lower case" in refused(both)


def test_a_file_that_is_a_folder_too() -> None:
    assert "file and a folder" in refused(zipped(GOOD, (entry("money/brief.md/x"), b"x")))


def test_a_name_in_an_old_encoding() -> None:
    named = zipped(GOOD, (entry("money/über.md"), b"x"))
    latin = named.replace("über".encode(), b"\xfcberr")
    refused(latin)  # marked as UTF-8, and is not
    unmarked = bytearray(latin)
    unmarked[unmarked.rindex(b"PK\x01\x02") + 9] &= 0xF7
    assert "not in UTF-8" in refused(bytes(unmarked))


@pytest.mark.parametrize(
    "data", [b"", b"PK", b"not a zip", b"%PDF-1.7", b"PK\x05\x06" + b"\0" * 18]
)
def test_something_else_than_a_pack(data: bytes) -> None:
    refused(data)


def test_a_damaged_zip_is_refused_in_words_whatever_is_damaged() -> None:
    whole = zipped(GOOD)
    dice = Random(7)  # noqa: S311
    for _ in range(400):
        data = bytearray(whole)
        for _ in range(dice.randint(1, 6)):
            data[dice.randrange(len(data))] = dice.randrange(256)
        with suppress(PackError):
            assert all(isinstance(files, dict) for files in read_zip(bytes(data)).values())


def test_a_pack_without_an_exercise() -> None:
    assert "holds no exercise" in refused(zipped({"money/brief.md": b"x"}))


def test_an_exercise_at_the_top_has_no_name() -> None:
    assert "at the top of the zip" in refused(zipped({"exercise.yaml": b"slug: money"}))


def test_two_exercises_of_one_name() -> None:
    files = {f"{team}/money/{path}": text for team in "ab" for path, text in exercise().items()}
    assert "two exercises" in refused(zipped(files))


def test_a_repository_with_exercises_somewhere_in_it() -> None:
    found = read_zip(
        zipped(
            {
                "repo-main/README.md": b"ours",
                "repo-main/.github/ci.yml": b"x",
                **{f"repo-main/exercises/{path}": text for path, text in GOOD.items()},
                "repo-main/exercises/money/artefacts/exercise.yaml": b"not another one",
                "__MACOSX/repo-main/exercises/money/._brief.md": b"\x00\x05",
            }
        )
    )
    assert list(found) == ["money"]
    assert found["money"].keys() == exercise().keys() | {"artefacts/exercise.yaml"}


@pytest.mark.parametrize(
    ("path", "content", "says"),
    [
        ("artefacts/app.py", b"a\nb\n\xe9\n", "byte 0xe9 is not UTF-8"),
        ("artefacts/app.py", b"a\nb\n\0c\n", "has a NUL byte"),
        ("artefacts/big.py", b"x" * 300_000, "is too large"),
        ("exercise.yaml", b"a: &a 1\nb: [" + b",".join([b"*a"] * 200) + b"]\n", "too many aliases"),
        ("exercise.yaml", b"title: Money\n", "has no `slug`"),
    ],
)
def test_what_is_wrong_inside_is_said_per_file(path: str, content: bytes, says: str) -> None:
    (files,) = read_zip(pack(**{path: content})).values()
    with unpacked("money", files) as root, pytest.raises(FolderError, match=says):
        read_folder(root)


def test_a_folder_is_read_like_a_zip(tmp_path: Path) -> None:
    write_directory({"money": exercise(), "cash": exercise("cash")}, tmp_path / "library")
    (tmp_path / "library" / ".git").mkdir()
    (tmp_path / "library" / ".git" / "link").symlink_to("/etc/passwd")
    assert read_directory(tmp_path / "library") == {
        "cash": exercise("cash"),
        "money": exercise(),
    }
    assert read_directory(tmp_path / "library" / "money") == {"money": exercise()}


def test_a_link_in_a_folder_is_refused(tmp_path: Path) -> None:
    write_directory({"money": exercise()}, tmp_path / "library")
    (tmp_path / "library" / "money" / "artefacts" / "x").symlink_to("/etc/passwd")
    with pytest.raises(PackError, match="is a link"):
        read_directory(tmp_path / "library")
    with pytest.raises(PackError, match="no such folder"):
        read_directory(tmp_path / "nowhere")


def test_the_same_exercises_give_the_same_bytes() -> None:
    one = {"money": exercise(), "cash": exercise("cash")}
    other = {"cash": exercise("cash"), "money": dict(reversed(exercise().items()))}
    assert packs.write_zip(one) == packs.write_zip(other)
    assert read_zip(packs.write_zip(one)) == one


def test_an_export_does_not_mix_with_files_of_before(tmp_path: Path) -> None:
    write_directory({"money": exercise()}, tmp_path)
    write_directory({"money": exercise()}, tmp_path)
    (tmp_path / "money" / "artefacts" / "old.py").write_text("x")
    with pytest.raises(PackError, match=r"artefacts/old\.py"):
        write_directory({"money": exercise(**{"brief.md": "New.\n"})}, tmp_path)
    assert (tmp_path / "money" / "brief.md").read_text() == "Review it.\n"
