"""Packs beside what the library has, and the library as packs."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from exercises.folder import ExerciseFolder, FolderError, Problem, read_folder
from exercises.folder_check import hash_of
from exercises.models import ExerciseSource, ExerciseVersion
from exercises.packs import Pack, unpacked
from exercises.proofs import Proved, kept_in
from exercises.queries.draft_fields import Vocabulary
from exercises.queries.drafts import vocabulary
from lib.diff import FileChange, changed_files
from lib.errors import Refused


@dataclass(frozen=True)
class PackEntry:
    """One exercise of a pack beside what the library has: new, changed, unchanged or invalid."""

    slug: str
    state: str
    folder: ExerciseFolder | None = None
    problems: tuple[Problem, ...] = ()
    installed: ExerciseVersion | None = None
    changes: tuple[FileChange, ...] = ()
    proved: Proved | None = None

    @property
    def title(self) -> str:
        if self.folder:
            return self.folder.title
        return self.installed.title if self.installed else ""

    @property
    def is_wanted(self) -> bool:
        return self.state in {"new", "changed"}

    @property
    def has_no_source(self) -> bool:
        """Whether the installed version was published before versions kept their files."""
        return self.state == "changed" and not self.changes


def preview_pack(pack: Pack) -> list[PackEntry]:
    """What importing this pack would do; nothing is written."""
    newest = {
        version.exercise.slug: version
        for version in ExerciseVersion.objects.latest()
        .filter(exercise__slug__in=pack)
        .select_related("exercise", "source")
    }
    known = vocabulary()
    entries = [_entry(slug, files, newest.get(slug), known) for slug, files in pack.items()]
    hashes = [entry.folder.content_hash for entry in entries if entry.folder]
    proved = proofs_of(hashes)
    return [
        replace(entry, proved=proved.get(entry.folder.content_hash)) if entry.folder else entry
        for entry in entries
    ]


def seen(entries: Sequence[PackEntry]) -> str:
    """What a preview says, in a word: an import of anything else was not looked at."""
    said = [(one.slug, one.state, str(one.installed and one.installed.pk)) for one in entries]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16]


def _entry(
    slug: str, files: dict[str, bytes], installed: ExerciseVersion | None, known: Vocabulary
) -> PackEntry:
    is_same = installed is not None and installed.content_hash == hash_of(files)
    if is_same and hasattr(installed, "source"):
        # What is here already has been checked already.
        return PackEntry(slug, "unchanged", installed=installed)
    try:
        with unpacked(slug, files) as root:
            folder = read_folder(root, criteria=known.criteria, levels=known.levels)
    except FolderError as error:
        return PackEntry(slug, "invalid", problems=error.problems, installed=installed)
    if installed is None:
        return PackEntry(slug, "new", folder)
    if is_same:
        return PackEntry(slug, "unchanged", folder, installed=installed)
    source = source_of(installed)
    changes = tuple(changed_files(source, folder.files)) if source is not None else ()
    return PackEntry(slug, "changed", folder, installed=installed, changes=changes)


def proofs_of(hashes: Sequence[str]) -> dict[str, Proved]:
    """What was proved here, in the library's folder or in this database, by content hash."""
    rows = ExerciseVersion.objects.filter(content_hash__in=hashes, is_proven=True)
    found = {
        row.content_hash: Proved(is_proven=True, states=row.proof_states, at=row.proved_at)
        for row in rows.only("content_hash", "proof_states", "proved_at")
    }
    in_folder = kept_in(Path(settings.LIBRARY_DIR) / "proofs.json")
    return {**found, **{name: in_folder[name] for name in hashes if name in in_folder}}


def source_of(version: ExerciseVersion) -> dict[str, str] | None:
    """Every file of a version by path; None if it was published before they were kept."""
    source = ExerciseSource.objects.filter(version=version).first()
    return {file["path"]: file["text"] for file in source.files} if source else None


def pack_of(versions: Sequence[ExerciseVersion]) -> Pack:
    """These versions as a pack; refused with a sentence if one of them kept no files."""
    sources = {
        source.version_id: source for source in ExerciseSource.objects.filter(version__in=versions)
    }
    missing = sorted(v.exercise.slug for v in versions if v.pk not in sources)
    if missing:
        raise Refused(
            _(
                "%(slugs)s: published before versions kept their files. Load or import the "
                "unchanged folder once (manage.py load_library), then export again."
            )
            % {"slugs": ", ".join(missing)}
        )
    return {
        version.exercise.slug: {
            file["path"]: file["text"].encode() for file in sources[version.pk].files
        }
        for version in versions
    }


def between(old: ExerciseVersion, new: ExerciseVersion) -> list[FileChange] | None:
    """The files that differ between two editions; None if one of them kept none."""
    before, after = source_of(old), source_of(new)
    return None if before is None or after is None else changed_files(before, after)
