"""The PDFs on disk: whole or not there, and nothing stays that no row points to."""

import os
import time
from collections.abc import Collection, Iterator
from pathlib import Path
from uuid import UUID

from django.conf import settings

FOLDER = "reports"
LEFTOVER_AGE = 3600


def folder() -> Path:
    path = Path(settings.MEDIA_ROOT) / FOLDER
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def name_of(report: UUID, token: UUID) -> str:
    return f"{FOLDER}/{report}-{token}.pdf"


def path_of(name: str) -> Path:
    """Where a stored file lies; names come from rows only, never from a request."""
    return Path(settings.MEDIA_ROOT) / name


def store(report: UUID, token: UUID, content: bytes) -> str:
    """Write beside, sync, rename: a reader sees the whole file or none. The name to keep."""
    name = name_of(report, token)
    final = folder() / Path(name).name
    part = final.with_suffix(".part")
    try:
        with part.open("wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        part.replace(final)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    _sync_folder(final.parent)
    return name


def remove(names: Collection[str]) -> None:
    for name in names:
        if name:
            path_of(name).unlink(missing_ok=True)


def leftovers() -> Iterator[str]:
    """Names of files old enough that no worker can still be about to claim them."""
    limit = time.time() - LEFTOVER_AGE
    for path in sorted(folder().iterdir()):
        try:
            if path.is_file() and path.stat().st_mtime < limit:
                yield f"{FOLDER}/{path.name}"
        except FileNotFoundError:
            continue


def _sync_folder(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
