import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from exercises.models import ExerciseVersion
from exercises.packs import PackError, write_directory, write_zip
from exercises.queries.packs import pack_of
from lib.errors import Refused


class Command(BaseCommand):
    help = (
        "Write the newest versions of exercises as a zip or as folders, with answer keys and "
        "proofs. The same exercises give the same bytes."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("slugs", nargs="*", metavar="SLUG")
        parser.add_argument("--all", action="store_true", help="every exercise of the library")
        parser.add_argument("--to", type=Path, required=True, metavar="FILE.zip|FOLDER")

    def handle(self, *args: Any, **options: Any) -> None:
        versions = chosen(options["slugs"], is_all=options["all"])
        target: Path = options["to"]
        try:
            pack = pack_of(versions)
            if target.suffix == ".zip":
                target.write_bytes(write_zip(pack))
            else:
                write_directory(pack, target)
        except (Refused, PackError, OSError) as error:
            raise CommandError(str(error)) from error
        for version in versions:
            self.stdout.write(f"{version.exercise.slug} v{version.number}")
        self.stdout.write(f"Written to {target}: {len(pack)}")


def chosen(slugs: list[str], *, is_all: bool) -> list[ExerciseVersion]:
    """The newest versions of these exercises, or of all."""
    if is_all == bool(slugs):
        raise CommandError("Name exercises, or say --all.")
    found = ExerciseVersion.objects.latest().select_related("exercise").order_by("exercise__slug")
    known = {version.exercise.slug: version for version in found}
    unknown = sorted(set(slugs) - known.keys())
    if unknown:
        raise CommandError(
            f"No published exercise {', '.join(unknown)}. There are: {', '.join(known) or 'none'}."
        )
    return [known[slug] for slug in sorted(set(slugs) or known)]
