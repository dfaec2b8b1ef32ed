"""Reads behind the library's pages."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from django.conf import settings
from django.db.models import Count, Q, QuerySet
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.models import User
from exercises.folder import ExerciseFolder, FolderError, Problem, read_folder
from exercises.models import ExerciseSource, ExerciseVersion, Flaw
from exercises.packs import Pack, unpacked
from exercises.proofs import Proved, kept_in
from lib.code import highlight_lines, language_of
from lib.diff import FileChange, changed_files
from lib.errors import Refused


@dataclass(frozen=True)
class Line:
    number: int
    html: SafeString
    flaws: list[Flaw]


@dataclass(frozen=True)
class File:
    path: str
    anchor: str
    lines: list[Line]


def library(user: User) -> QuerySet[ExerciseVersion]:
    """The newest version of each exercise this user may see, with how often it was given."""
    return (
        ExerciseVersion.objects.visible_to(user)
        .latest()
        .annotate(
            times_used=Count(
                "assignments", filter=~Q(assignments__status="cancelled"), distinct=True
            ),
            flaw_count=Count("flaws", filter=Q(flaws__is_decoy=False), distinct=True),
            decoy_count=Count("flaws", filter=Q(flaws__is_decoy=True), distinct=True),
        )
        .order_by("title")
    )


def files_of(version: ExerciseVersion, *, flaws: Sequence[Flaw] = ()) -> list[File]:
    """The artefacts line by line, each line with the flaws that begin there.

    Without `flaws` nothing of the answer key is in the result.
    """
    starts: dict[tuple[str, int], list[Flaw]] = {}
    for flaw in flaws:
        for first, _last in flaw.lines:
            starts.setdefault((flaw.file, first), []).append(flaw)
    found = []
    for number, file in enumerate(version.artefacts, start=1):
        path = file["path"]
        rows = highlight_lines(file["text"], language_of(path))
        lines = [Line(n, html, starts.get((path, n), [])) for n, html in enumerate(rows, start=1)]
        found.append(File(path=path, anchor=f"f{number}", lines=lines))
    return found


# --- packs


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
    entries = []
    for slug, files in pack.items():
        try:
            with unpacked(slug, files) as root:
                folder = read_folder(root)
        except FolderError as error:
            entries.append(PackEntry(slug, "invalid", problems=error.problems))
        else:
            entries.append(_beside(folder, newest.get(slug)))
    hashes = [entry.folder.content_hash for entry in entries if entry.folder]
    known = proofs_of(hashes)
    return [
        replace(entry, proved=known.get(entry.folder.content_hash)) if entry.folder else entry
        for entry in entries
    ]


def _beside(folder: ExerciseFolder, installed: ExerciseVersion | None) -> PackEntry:
    if installed is None:
        return PackEntry(folder.slug, "new", folder)
    if installed.content_hash == folder.content_hash:
        return PackEntry(folder.slug, "unchanged", folder, installed=installed)
    source = source_of(installed)
    changes = tuple(changed_files(source, folder.files)) if source is not None else ()
    return PackEntry(folder.slug, "changed", folder, installed=installed, changes=changes)


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
