import argparse
import contextlib
import json
import os
import signal
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from exercises.actions.publishing import record_proofs
from exercises.folder import ExerciseFolder, FolderError, read_folder
from exercises.management.commands.export_pack import chosen
from exercises.packs import write_directory
from exercises.proofs import proved
from exercises.prover import DISAGREES, PROVEN, ProofResult, is_proven, prove_each
from exercises.prover_cache import Cache
from exercises.prover_services import Services
from exercises.queries.packs import pack_of
from lib.errors import Refused

LIBRARY = Path(settings.LIBRARY_DIR)
HEAD = ("flaw", "on artefact", "on reference", "undone", "seconds")
WIDTHS = (52, 11, 12, 10, 7)
DISAGREEMENT = "some proofs disagree with the answer key"
UNREADABLE = "some exercises could not be read: see above what would be right"
Kept = dict[str, dict[str, Any]]


class Command(BaseCommand):
    help = "Run the proofs of the exercises and print what each shows; exit 1 on any disagreement."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "slugs",
            nargs="*",
            metavar="slug|FOLDER",
            help="exercises of the library, or folders anywhere; the whole library if left out",
        )
        parser.add_argument("--write", action="store_true", help="keep the results by content hash")
        parser.add_argument(
            "--cached", type=Path, metavar="FILE", help="run only what changed since FILE was kept"
        )
        parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
        parser.add_argument(
            "--library", type=Path, default=LIBRARY, help="a folder that holds exercises/"
        )
        parser.add_argument(
            "--installed",
            action="store_true",
            help="the newest versions in the database, and keep the results with them",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        # Ended from outside, the throw-away servers are stopped all the same.
        before = signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            if options["installed"]:
                self._prove_installed(options)
            else:
                self._prove(options)
        finally:
            signal.signal(signal.SIGTERM, before)

    def _prove(self, options: dict[str, Any]) -> None:
        library: Path = options["library"]
        folders, wrong = _read(library / "exercises", options["slugs"])
        self._say(wrong)
        kept, disagreed = self._run(folders, options)
        if options["write"]:
            _write(library / "proofs.json", kept)
        _conclude(wrong, disagreed=disagreed)

    def _prove_installed(self, options: dict[str, Any]) -> None:
        versions = chosen(options["slugs"], is_all=not options["slugs"])
        with tempfile.TemporaryDirectory(prefix="installed-") as name:
            try:
                write_directory(pack_of(versions), Path(name))
            except Refused as error:
                raise CommandError(str(error)) from error
            folders, wrong = _read(Path(name), [version.exercise.slug for version in versions])
            self._say(wrong)
            kept, disagreed = self._run(folders, options)
        for version in versions:
            if version.content_hash in kept:
                record_proofs(version=version, proved=proved(kept[version.content_hash]))
        _conclude(wrong, disagreed=disagreed)

    def _say(self, wrong: list[str]) -> None:
        for message in wrong:
            self.stderr.write(message)

    def _run(self, folders: list[ExerciseFolder], options: dict[str, Any]) -> tuple[Kept, bool]:
        if not folders:
            return {}, False
        self._line(*HEAD)
        cache = Cache(options["cached"])
        kept: Kept = {}
        disagreed = False
        states: Counter[tuple[str, str]] = Counter()
        known = {folder.slug: cache.results(folder) for folder in folders}
        stale = [folder for folder in folders if known[folder.slug] is None]
        with (
            Services() as services,
            contextlib.closing(prove_each(stale, options["workers"], services=services)) as fresh,
        ):
            for folder in folders:
                results = known[folder.slug]
                if results is None:
                    results = next(fresh)
                    cache.keep(folder, results)
                self._table(folder, results)
                kept[folder.content_hash] = _summary(folder, results)
                disagreed |= any(result.state == DISAGREES for result in results)
                states.update((result.role, result.state) for result in results)
        self._totals(folders, states)
        return kept, disagreed

    def _totals(self, folders: list[ExerciseFolder], states: Counter[tuple[str, str]]) -> None:
        """What the library has in all, and how much of it its proofs have shown."""
        flaws = [flaw for folder in folders for flaw in folder.flaws]
        contextual = sum(flaw.contextual for flaw in flaws)
        exercises = "1 exercise" if len(folders) == 1 else f"{len(folders)} exercises"
        planted = "1 flaw" if len(flaws) == 1 else f"{len(flaws)} flaws"
        self.stdout.write(f"\n{exercises}, {planted} ({contextual} contextual)")
        for role in dict.fromkeys(role for role, _state in states):
            counts = {state: n for (of, state), n in states.items() if of == role}
            shown = ", ".join(f"{n} {state}" for state, n in sorted(counts.items()))
            self.stdout.write(f"{role}: {shown}")
        for name in ("kinds", "levels", "languages", "skills"):
            self.stdout.write(f"{name}: {_named(folders, name)}")

    def _line(self, *cells: str) -> None:
        shown = (cell.ljust(width) for cell, width in zip(cells, WIDTHS, strict=True))
        self.stdout.write(" | ".join(shown).rstrip())

    def _table(self, folder: ExerciseFolder, results: list[ProofResult]) -> None:
        for result in results:
            name = f"{folder.slug}: {result.id}"
            name += f" ({result.role})" if result.role != "flaw" else ""
            cells = (name, result.on_artefact, result.on_reference, result.undone)
            self._line(*cells, f"{result.seconds:.1f}")
            if result.state != PROVEN:
                for problem in result.problems or ("",):
                    self.stdout.write(f"  {result.state}: {problem}".rstrip(": "))
        self.stdout.flush()


def _read(root: Path, names: list[str]) -> tuple[list[ExerciseFolder], list[str]]:
    """The exercises of these names, or of all; and what is wrong with those that are not right."""
    if not root.is_dir():
        raise CommandError(f"{root}: no such folder; --library names the folder that holds it.")
    known = sorted(path.name for path in root.iterdir() if path.is_dir())
    folders, wrong = [], []
    for name in names or known:
        path = root / name if name in known else Path(name).resolve()
        if not path.is_dir():
            raise CommandError(
                f"{name}: no exercise of the library, and no folder. "
                f"The library has: {', '.join(known)}."
            )
        try:
            folders.append(read_folder(path))
        except FolderError as error:
            wrong += [f"{name}/{problem}" for problem in error.problems]
    return folders, wrong


def _conclude(wrong: list[str], *, disagreed: bool) -> None:
    said = [words for words, is_so in ((UNREADABLE, wrong), (DISAGREEMENT, disagreed)) if is_so]
    if said:
        raise CommandError("; ".join(said), returncode=1)


def _named(folders: list[ExerciseFolder], name: str) -> str:
    """Every value with the number of exercises that have it."""
    values: Counter[str] = Counter()
    for folder in folders:
        found = getattr(folder, name if name in {"levels", "skills"} else name.removesuffix("s"))
        values.update([found] if isinstance(found, str) else found)
    return ", ".join(f"{value} {n}" for value, n in sorted(values.items()) if value)


def _summary(folder: ExerciseFolder, results: list[ProofResult]) -> dict[str, Any]:
    items = {result.id: result.state for result in results}
    at = timezone.now().isoformat(timespec="seconds")
    return {"slug": folder.slug, "is_proven": is_proven(results), "items": items, "at": at}


def _write(file: Path, kept: Kept) -> None:
    before = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    slugs = {entry["slug"] for entry in kept.values()}
    merged = {key: entry for key, entry in before.items() if entry["slug"] not in slugs} | kept
    ordered = dict(sorted(merged.items(), key=lambda pair: pair[1]["slug"]))
    file.write_text(json.dumps(ordered, indent=1) + "\n", encoding="utf-8")
