"""Putting the library's skills, levels and rubrics into the database."""

import hashlib
import json
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from accounts import ledger
from accounts.models import User
from lib.errors import Refused
from rubrics.models import (
    Anchor,
    Criterion,
    CriterionLevel,
    Level,
    Rubric,
    RubricVersion,
    Skill,
    VersionStatus,
)


def load_skills(*, rows: list[dict[str, Any]]) -> int:
    """Create or bring up to date the skills; how many there are."""
    for position, row in enumerate(rows, start=1):
        facts = {key: row[key] for key in ("name", "tier", "tells", "bar", "evidence")}
        Skill.objects.update_or_create(key=row["key"], defaults={**facts, "position": position})
    return len(rows)


def load_levels(*, rows: list[dict[str, Any]]) -> int:
    """Create or bring up to date the levels; how many there are."""
    for row in rows:
        facts = {key: row[key] for key in ("name", "focus", "expectations")}
        Level.objects.update_or_create(key=row["key"], defaults={**facts, "position": row["order"]})
    return len(rows)


@transaction.atomic
def load_rubric(*, data: dict[str, Any], by: User | None = None) -> tuple[RubricVersion, bool]:
    """Publish a rubric file; changed content makes a new version, the same content nothing.

    Returns the version that has this content, and whether it is new.
    """
    rubric, _made = Rubric.objects.update_or_create(
        key=data["key"], defaults={"name": data["name"], "summary": data["description"].strip()}
    )
    content = digest(data)
    newest = rubric.versions.filter(status=VersionStatus.PUBLISHED).first()
    if newest and newest.content_hash == content:
        return newest, False
    version = RubricVersion.objects.create(
        rubric=rubric,
        number=(rubric.versions.aggregate(last=Max("number"))["last"] or 0) + 1,
        status=VersionStatus.PUBLISHED,
        published_at=timezone.now(),
        coverage_floor=str(data["coverage_floor"]),
        content_hash=content,
        structure_hash=structure_hash(data["criteria"]),
    )
    skills = {skill.key: skill for skill in Skill.objects.all()}
    levels = {level.key: level for level in Level.objects.all()}
    for position, row in enumerate(data["criteria"], start=1):
        if row["skill"] not in skills:
            raise Refused(
                f"Criterion {row['key']} names the skill {row['skill']}, which skills.yaml lacks."
            )
        _criterion(version, row, position, skills[row["skill"]], levels)
    ledger.record("publish_rubric_version", by=by, on=version)
    return version, True


def _criterion(
    version: RubricVersion,
    row: dict[str, Any],
    position: int,
    skill: Skill,
    levels: dict[str, Level],
) -> None:
    criterion = Criterion.objects.create(
        version=version,
        key=row["key"],
        name=row["name"],
        short_name=row["short_name"],
        description=row["description"].strip(),
        look_for=row.get("look_for", "").strip(),
        skill=skill,
        position=position,
    )
    for key, at in row["levels"].items():
        CriterionLevel.objects.create(
            criterion=criterion,
            level=levels[key],
            weight=at["weight"],
            bar=at["bar"],
            is_must_pass=at["must_pass"],
        )
    by_level: list[tuple[Level | None, Any]] = [(None, row["anchors"])]
    by_level += [(levels[key], points) for key, points in row.get("anchors_by_level", {}).items()]
    Anchor.objects.bulk_create(
        Anchor(criterion=criterion, level=level, point=point, **anchor)
        for level, points in by_level
        for point, anchor in points.items()
    )


def digest(data: object) -> str:
    """SHA-256 of a value of JSON shape, independent of key order."""
    text = json.dumps(data, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def structure_hash(criteria: list[dict[str, Any]]) -> str:
    """What must be equal for scores to be calibrated together: keys, levels and weights."""
    weights = {
        row["key"]: {level: str(at["weight"]) for level, at in row["levels"].items()}
        for row in criteria
    }
    return digest(weights)
