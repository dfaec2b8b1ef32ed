"""What `manage.py prove` said of an exercise, kept by the hash of its content. Pure of Django."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Proved:
    """`states` maps an item's id to proven, disagrees, not run or no proof."""

    is_proven: bool
    states: Mapping[str, str] = field(default_factory=dict)
    at: datetime | None = None


def kept_in(file: Path) -> dict[str, Proved]:
    """The results in a library's proofs.json, by content hash."""
    if not file.exists():
        return {}
    rows = json.loads(file.read_text(encoding="utf-8"))
    return {content: proved(row) for content, row in rows.items()}


def proved(row: Mapping[str, Any]) -> Proved:
    """One entry of proofs.json; older ones do not say when."""
    return Proved(
        is_proven=row["is_proven"],
        states=row["items"],
        at=datetime.fromisoformat(row["at"]) if "at" in row else None,
    )
