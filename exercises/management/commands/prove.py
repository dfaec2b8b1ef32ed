import argparse
import hashlib
import json
import os
import signal
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from exercises import prover as prove_module
from exercises.folder import ExerciseFolder, FolderError, read_folder
from exercises.prover import DISAGREES, PROVEN, ProofResult, is_proven, prove
from exercises.prover_services import Services

LIBRARY = Path(settings.LIBRARY_DIR)
HEAD = ("flaw", "on artefact", "on reference", "undone", "seconds")
WIDTHS = (52, 11, 12, 10, 7)


class Command(BaseCommand):
    help = "Run the proofs of the exercises and print what each shows; exit 1 on any disagreement."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("slugs", nargs="*", metavar="slug", help="all exercises if left out")
        parser.add_argument("--write", action="store_true", help="keep the results by content hash")
        parser.add_argument(
            "--cached", type=Path, metavar="FILE", help="run only what changed since FILE was kept"
        )
        parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
        parser.add_argument("--library", type=Path, default=LIBRARY, help="folder of exercises/")

    def handle(self, *args: Any, **options: Any) -> None:
        # Ended from outside, the throw-away servers are stopped all the same.
        before = signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            self._prove(options)
        finally:
            signal.signal(signal.SIGTERM, before)

    def _prove(self, options: dict[str, Any]) -> None:
        library: Path = options["library"]
        folders, wrong = _read(library / "exercises", options["slugs"])
        for message in wrong:
            self.stderr.write(message)
        self._line(*HEAD)
        cache = Cache(options["cached"])
        kept: dict[str, dict[str, Any]] = {}
        disagreed = bool(wrong)
        states: Counter[tuple[str, str]] = Counter()
        with Services() as services:
            for folder in folders:
                results = cache.results(folder)
                if results is None:
                    results = prove(folder, options["workers"], services=services)
                    cache.keep(folder, results)
                self._table(folder, results)
                kept[folder.content_hash] = _summary(folder, results)
                disagreed |= any(result.state == DISAGREES for result in results)
                states.update((result.role, result.state) for result in results)
        self._totals(folders, states)
        if options["write"]:
            _write(library / "proofs.json", kept)
        if disagreed:
            raise CommandError("some proofs disagree with the answer key", returncode=1)

    def _totals(self, folders: list[ExerciseFolder], states: Counter[tuple[str, str]]) -> None:
        """What the library has in all, and how much of it its proofs have shown."""
        flaws = [flaw for folder in folders for flaw in folder.flaws]
        contextual = sum(flaw.contextual for flaw in flaws)
        self.stdout.write(
            f"\n{len(folders)} exercises, {len(flaws)} flaws ({contextual} contextual)"
        )
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


def _read(root: Path, slugs: list[str]) -> tuple[list[ExerciseFolder], list[str]]:
    names = slugs or sorted(path.name for path in root.iterdir() if path.is_dir())
    folders, wrong = [], []
    for name in names:
        try:
            folders.append(read_folder(root / name))
        except FolderError as error:
            wrong += [f"{name}/{problem}" for problem in error.problems]
    return folders, wrong


def _named(folders: list[ExerciseFolder], name: str) -> str:
    """Every value with the number of exercises that have it."""
    values: Counter[str] = Counter()
    for folder in folders:
        found = getattr(folder, name if name in {"levels", "skills"} else name.removesuffix("s"))
        values.update([found] if isinstance(found, str) else found)
    return ", ".join(f"{value} {n}" for value, n in sorted(values.items()) if value)


class Cache:
    """Results by what they depend on: the folder's files and the prover itself."""

    def __init__(self, file: Path | None) -> None:
        self.file = file
        self.known: dict[str, Any] = {}
        if file and file.exists():
            self.known = json.loads(file.read_text(encoding="utf-8"))
        prover = hashlib.sha256()
        for path in sorted(Path(prove_module.__file__).parent.glob("pro*.py")):
            prover.update(path.read_bytes())
        self.prover = prover.hexdigest()

    def _key(self, folder: ExerciseFolder) -> str:
        return f"{self.prover[:16]} {folder.content_hash}"

    def results(self, folder: ExerciseFolder) -> list[ProofResult] | None:
        rows = self.known.get(self._key(folder))
        return None if rows is None else [ProofResult(**row) for row in rows]

    def keep(self, folder: ExerciseFolder, results: list[ProofResult]) -> None:
        """What disagreed or was not run is looked at again the next time."""
        if self.file and is_proven(results):
            self.known[self._key(folder)] = [asdict(result) for result in results]
            self.file.parent.mkdir(parents=True, exist_ok=True)
            temporary = self.file.with_suffix(".part")
            temporary.write_text(json.dumps(self.known), encoding="utf-8")
            temporary.replace(self.file)


def _summary(folder: ExerciseFolder, results: list[ProofResult]) -> dict[str, Any]:
    items = {result.id: result.state for result in results}
    return {"slug": folder.slug, "is_proven": is_proven(results), "items": items}


def _write(file: Path, kept: dict[str, dict[str, Any]]) -> None:
    before = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    slugs = {entry["slug"] for entry in kept.values()}
    merged = {key: entry for key, entry in before.items() if entry["slug"] not in slugs} | kept
    ordered = dict(sorted(merged.items(), key=lambda pair: pair[1]["slug"]))
    file.write_text(json.dumps(ordered, indent=1) + "\n", encoding="utf-8")
