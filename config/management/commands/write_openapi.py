from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from config.api import description
from lib.rest.json import dumps


class Command(BaseCommand):
    help = "Write the description of the API to docs/openapi.json."

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(settings.BASE_DIR) / "docs" / "openapi.json"
        path.write_bytes(dumps(description(), indent=True) + b"\n")
        self.stdout.write(f"{path} is written.")
