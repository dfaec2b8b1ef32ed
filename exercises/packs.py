"""A pack: exercises as one zip or folder, read without trust and written the same every time.

Pure of Django. A pack is {slug: {path: bytes}}; whether each is an exercise is for
`exercises.folder` to say. Whatever is odd about the container itself refuses all of it.
"""

import io
import os
import stat
import struct
import tempfile
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from exercises.folder_check import KEY

Pack = dict[str, dict[str, bytes]]

MB = 1024 * 1024
MAX_ZIP = 5 * MB
MAX_BYTES = 40 * MB
MAX_FILES = 5_000
# Prose and code shrink to a third or a tenth; a hundredth is a bomb. Small files may be blank.
MAX_RATIO = 100
FREE_OF_RATIO = MB
MAX_NAME = 200
MAX_PART = 100
PATCHED, LOCKED = 0x0020, 0x2041
# The oldest time a zip can say: the same bytes whenever and wherever it is made.
EPOCH = (1980, 1, 1, 0, 0, 0)
BROKEN = (
    *(zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError),
    *(NotImplementedError, RuntimeError, ValueError, IndexError, OverflowError),
)


class PackError(ValueError):
    """Why a pack is refused as a whole, and what would be right, in one sentence."""


def _refuse(name: str, wrong: str, right: str) -> PackError:
    shown = name if name.isprintable() else ascii(name)
    return PackError(f"{shown[:80]}: {wrong}; {right}.")


def read_zip(data: bytes) -> Pack:
    """The exercises of a zip, nothing written anywhere."""
    if len(data) > MAX_ZIP:
        raise PackError(f"The zip is larger than {MAX_ZIP // MB} MB; split it into several packs.")
    # Before anything is built from it: an entry of the directory begins with this mark.
    if data.count(b"PK\x01\x02") > MAX_FILES:
        raise _too_many()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _grouped(dict(_entries(archive, len(data))), top="")
    except PackError:
        raise
    except BROKEN as error:
        raise PackError(
            "The file cannot be read as a zip (it is damaged, or something else); "
            "make it again, or with manage.py export_pack."
        ) from error


def read_directory(path: Path) -> Pack:
    """The exercises below a folder, or the one that it is."""
    if not path.is_dir():
        raise PackError(f"{path}: no such folder; name a folder or a .zip file.")
    return _grouped(dict(_files(path)), top=path.resolve().name)


def _too_many() -> PackError:
    return PackError(f"The pack has more than {MAX_FILES:,} files; split it into several packs.")


def _too_large() -> PackError:
    return PackError(
        f"The pack unpacks to more than {MAX_BYTES // MB} MB; split it into several packs."
    )


def _entries(archive: zipfile.ZipFile, packed: int) -> Iterator[tuple[str, bytes]]:
    listed = archive.infolist()
    if len(listed) > MAX_FILES:
        raise _too_many()
    for info in listed:
        _check_entry(info)
    _check_collisions(info.filename for info in listed)
    _check_size(sum(info.file_size for info in listed), packed)
    read = 0
    for info in listed:
        if info.is_dir() or _is_hidden(info.filename):
            continue
        with archive.open(info) as file:
            # What the directory says of the size is a claim: what comes out is counted.
            content = file.read(MAX_BYTES - read + 1)
        read += len(content)
        _check_size(read, packed)
        yield info.filename, content


def _check_size(unpacked: int, packed: int) -> None:
    if unpacked > MAX_BYTES:
        raise _too_large()
    if unpacked > FREE_OF_RATIO and unpacked > MAX_RATIO * packed:
        raise PackError(
            f"The zip unpacks to more than {MAX_RATIO} times its size, as zip bombs do; "
            "leave out whatever is blank or repeated."
        )


def _check_entry(info: zipfile.ZipInfo) -> None:
    name = info.orig_filename
    if not name.isascii() and not info.flag_bits & 0x800:
        raise _refuse(name, "the name is not in UTF-8", "use a tool that writes names in UTF-8")
    _check_name(name.removesuffix("/"))
    if info.filename != name:
        # Newer Pythons take the name from an extra field, which the one above says nothing of.
        right = "make the zip anew, with ordinary names"
        raise _refuse(name, "has a second name", right)
    if info.flag_bits & LOCKED:
        raise _refuse(name, "is encrypted", "make the zip without a password")
    if info.flag_bits & PATCHED or info.compress_type not in {
        zipfile.ZIP_STORED,
        zipfile.ZIP_DEFLATED,
    }:
        raise _refuse(name, "is compressed in a rare way", "make the zip with ordinary deflate")
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind == stat.S_IFLNK:
        raise _refuse(name, "is a link", "put a real file there")
    if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
        raise _refuse(name, "is no ordinary file", "put a real file there")


def _check_name(name: str) -> None:
    right = "name files by their place below the exercise's folder, as in money/brief.md"
    if not name.isprintable():
        raise _refuse(name, "has characters that cannot be shown in its name", "rename it")
    if "\\" in name:
        raise _refuse(name, "has a backslash in its name", right)
    if name.startswith("/"):
        raise _refuse(name, "begins with a slash", right)
    if ":" in name:
        raise _refuse(name, "has a colon in its name, as a drive letter does", right)
    parts = name.split("/")
    if ".." in parts:
        raise _refuse(name, "leads out of the pack", right)
    if "" in parts or "." in parts:
        raise _refuse(name, "has an empty part in its name", right)
    if len(name) > MAX_NAME or any(len(part.encode()) > MAX_PART for part in parts):
        raise _refuse(name, "has a name that is too long", f"stay under {MAX_PART} letters a part")


def _check_collisions(names: Iterable[str]) -> None:
    """Names that one system keeps apart and the next one does not."""
    files: dict[str, str] = {}
    folders: dict[str, str] = {}
    for name in names:
        folded = unicodedata.normalize("NFC", name).casefold()
        if name.endswith("/"):
            folders[folded.removesuffix("/")] = name
            continue
        if folded in files:
            twice = "is in the pack twice" if files[folded] == name else "differs from another"
            wrong = twice if files[folded] == name else f"{twice} in upper and lower case only"
            raise _refuse(name, wrong, "keep one of the two")
        files[folded] = name
        folders.update((str(above), name) for above in PurePosixPath(folded).parents)
    for folded in files.keys() & folders.keys():
        raise _refuse(files[folded], "is a file and a folder at once", "rename one of the two")


def _files(root: Path) -> Iterator[tuple[str, bytes]]:
    found: list[tuple[str, Path]] = []
    for name, path in _walked(root):
        _check_name(name)
        if path.is_symlink():
            raise _refuse(name, "is a link", "put a real file there")
        if not path.is_dir() and not path.is_file():
            raise _refuse(name, "is no ordinary file", "put a real file there")
        if path.is_file():
            found.append((name, path))
        if len(found) > MAX_FILES:
            raise _too_many()
    _check_collisions(name for name, _ in found)
    if sum(path.stat().st_size for _, path in found) > MAX_BYTES:
        raise _too_large()
    for name, path in found:
        yield name, path.read_bytes()


def _walked(root: Path) -> Iterator[tuple[str, Path]]:
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(name for name in folders if not _is_hidden(name))
        for name in [*folders, *sorted(name for name in files if not _is_hidden(name))]:
            path = Path(folder, name)
            yield path.relative_to(root).as_posix(), path


def _is_hidden(name: str) -> bool:
    """What a folder's reader passes over as well: .git, __pycache__, __MACOSX/._brief.md."""
    return any(part.startswith(".") or part == "__pycache__" for part in name.split("/"))


def _grouped(files: Mapping[str, bytes], *, top: str) -> Pack:
    homes = _homes(files, top)
    pack: Pack = {slug: {} for slug in sorted(homes.values())}
    for name, content in files.items():
        path = PurePosixPath(name)
        for home in path.parents:
            if home in homes:
                pack[homes[home]][path.relative_to(home).as_posix()] = content
    return pack


def _homes(files: Iterable[str], top: str) -> dict[PurePosixPath, str]:
    """The folders that have an exercise.yaml, the outer one where two do, and their names."""
    homes: dict[PurePosixPath, str] = {}
    paths = [PurePosixPath(name) for name in files]
    keys = [path.parent for path in paths if path.name == KEY]
    for home in sorted(keys, key=lambda path: len(path.parts)):
        if any(outer in home.parents for outer in homes):
            continue
        slug = home.name or top
        if not slug:
            right = "put the exercise into a folder that is named by its slug"
            raise _refuse(KEY, "stands at the top of the zip", right)
        if slug in homes.values():
            raise _refuse(slug, "two exercises of the pack have this name", "keep one of the two")
        homes[home] = slug
    if not homes:
        raise PackError(
            f"The pack holds no exercise; it needs a folder with an {KEY} in it for each."
        )
    return homes


@contextmanager
def unpacked(slug: str, files: Mapping[str, bytes]) -> Iterator[Path]:
    """One exercise of a pack as a folder, for as long as it is looked at."""
    with tempfile.TemporaryDirectory(prefix="pack-") as name:
        root = Path(name) / slug
        _write(root, files)
        yield root


def _write(root: Path, files: Mapping[str, bytes]) -> None:
    root.mkdir(parents=True, exist_ok=True)
    for path, content in files.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)


def write_zip(pack: Pack) -> bytes:
    """The pack as a zip: the same bytes for the same exercises."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for slug in sorted(pack):
            for path in sorted(pack[slug]):
                info = zipfile.ZipInfo(f"{slug}/{path}", EPOCH)
                info.create_system = 3
                info.external_attr = (stat.S_IFREG | 0o644) << 16
                info.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(info, pack[slug][path])
    return out.getvalue()


def write_directory(pack: Pack, root: Path) -> None:
    """The pack as folders below `root`; files that an exercise no longer has are never deleted."""
    for slug, files in pack.items():
        stale = sorted({name for name, _ in _files(root / slug)} - files.keys())
        if stale:
            listed = ", ".join(stale[:5]) + (" …" if len(stale) > 5 else "")
            raise PackError(
                f"{root / slug} has files that the exercise has not ({listed}); "
                "remove them, or name another folder. Nothing was written."
            )
    for slug, files in pack.items():
        _write(root / slug, files)
