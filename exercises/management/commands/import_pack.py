import argparse
import difflib
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from exercises.actions.packs import import_pack
from exercises.packs import Pack, PackError, read_directory, read_zip
from exercises.queries.packs import PackEntry, preview_pack


class Command(BaseCommand):
    help = (
        "Show what a pack of exercises would change, and with --yes (or on being asked) publish "
        "it. Proofs are not run: read them, then run manage.py prove --installed."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("source", type=Path, metavar="FILE.zip|FOLDER")
        parser.add_argument("--yes", action="store_true", help="import without asking")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            entries = preview_pack(_read(options["source"]))
        except PackError as error:
            raise CommandError(str(error)) from error
        for entry in entries:
            self._tell(entry)
        invalid = sum(entry.state == "invalid" for entry in entries)
        if options["yes"] or _agreed(sum(entry.is_wanted for entry in entries)):
            self._import(entries)
        else:
            self.stdout.write("Nothing was imported.")
        if invalid:
            raise CommandError(f"{invalid} left out: see above what would be right.", returncode=1)

    def _import(self, entries: list[PackEntry]) -> None:
        for version, is_new in import_pack(entries=entries):
            if is_new:
                proven = "proven here" if version.is_proven else "not proven"
                self.stdout.write(f"{version} published, {proven}")

    def _tell(self, entry: PackEntry) -> None:
        self.stdout.write(f"{entry.slug}: {entry.state}")
        for problem in entry.problems:
            self.stdout.write(f"  {entry.slug}/{problem}")
        if entry.has_no_source:
            self.stdout.write("  the installed version kept no files to compare with")
        for change in entry.changes:
            lines = difflib.unified_diff(
                change.old.splitlines(),
                change.new.splitlines(),
                f"installed/{change.path}",
                f"pack/{change.path}",
                lineterm="",
            )
            for line in lines:
                self.stdout.write(f"  {line}")


def _agreed(count: int) -> bool:
    try:
        return count > 0 and input(f"Import {count}? [y/N] ").strip().lower() in {"y", "yes"}
    except EOFError:
        return False


def _read(source: Path) -> Pack:
    try:
        return read_zip(source.read_bytes()) if source.is_file() else read_directory(source)
    except OSError as error:
        raise PackError(f"{source}: {error.strerror}.") from error
