from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from exercises.actions.publishing import publish_folder
from exercises.folder import FolderError, read_folder
from exercises.proofs import kept_in
from lib.errors import Refused
from rubrics.actions import load_levels, load_rubric, load_skills


class Command(BaseCommand):
    help = (
        "Load the library: skills, levels, rubrics, exercises. "
        "Safe to repeat; changed content makes a new version."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--folder", type=Path, default=settings.LIBRARY_DIR)

    def handle(self, *args: object, folder: Path, **options: object) -> None:
        try:
            self._load(folder)
        except (Refused, FolderError) as error:
            raise CommandError(str(error)) from error

    def _load(self, folder: Path) -> None:
        skills = load_skills(rows=_yaml(folder / "skills.yaml")["skills"])
        levels = load_levels(rows=_yaml(folder / "levels.yaml")["levels"])
        self.stdout.write(f"{skills} skills, {levels} levels")
        for path in sorted(folder.glob("rubrics/*.yaml")):
            version, is_new = load_rubric(data=_yaml(path))
            self.stdout.write(f"{version} {'published' if is_new else 'unchanged'}")
        proofs = kept_in(folder / "proofs.json")
        for path in sorted(folder.glob("exercises/*/exercise.yaml")):
            read = read_folder(path.parent)
            edition, is_new = publish_folder(folder=read, proved=proofs.get(read.content_hash))
            self.stdout.write(f"{edition} {'published' if is_new else 'unchanged'}")


def _yaml(path: Path) -> dict[str, Any]:
    return yaml.safe_load(path.read_text(encoding="utf-8"))
