"""Loop templates: files of the library, copied into a job. There is no template model."""

from dataclasses import dataclass
from typing import Any

import yaml
from django.conf import settings


@dataclass(frozen=True)
class Template:
    key: str
    title: str
    level: str
    rubric: str
    description: str
    stages: tuple[dict[str, Any], ...]


def loop_templates() -> list[Template]:
    """The library's loop templates, in the order of seniority their files are read in."""
    found = [
        yaml.safe_load(path.read_text(encoding="utf-8"))
        for path in sorted((settings.LIBRARY_DIR / "loops").glob("*.yaml"))
    ]
    return [
        Template(
            key=entry["key"],
            title=entry["title"],
            level=entry["level"],
            rubric=entry["rubric"],
            description=" ".join(entry.get("description", "").split()),
            stages=tuple(entry["stages"]),
        )
        for entry in found
    ]
