"""Reads behind the pages on which an exercise is written."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.db.models.fields.json import KT

from accounts.models import User
from exercises import authoring
from exercises.folder import CRITERIA, LEVELS
from exercises.models import ExerciseDraft, ExerciseVersion
from exercises.queries.draft_fields import Vocabulary
from lib import autosave
from lib.markup import MARKDOWN_LIMIT, render_markdown
from rubrics.models import Criterion, Level, RubricVersion, Skill, VersionStatus


def drafts_of(user: User) -> QuerySet[ExerciseDraft]:
    """What this user is writing, without the texts."""
    return (
        ExerciseDraft.objects.filter(author=user)
        .select_related("exercise")
        .annotate(title=KT("fields__title__v"))
        .defer("fields")
    )


def levels() -> list[Level]:
    return list(Level.objects.all())


def skills() -> list[Skill]:
    return list(Skill.objects.all())


def criteria() -> list[Criterion]:
    """The criteria of every rubric's newest version, each key once."""
    newest = (
        RubricVersion.objects.filter(status=VersionStatus.PUBLISHED)
        .order_by("rubric", "-number")
        .values_list("rubric", "pk")
    )
    of_rubric: dict[Any, Any] = {}
    for rubric, version in newest:
        of_rubric.setdefault(rubric, version)
    rows = Criterion.objects.filter(version__in=of_rubric.values()).order_by("version", "position")
    found: dict[str, Criterion] = {}
    for row in rows:
        found.setdefault(row.key, row)
    return list(found.values())


def vocabulary() -> Vocabulary:
    return Vocabulary(
        levels=tuple(dict.fromkeys([*Level.objects.values_list("key", flat=True), *LEVELS])),
        skills=tuple(Skill.objects.values_list("key", flat=True)),
        criteria=tuple(dict.fromkeys([*(row.key for row in criteria()), *CRITERIA])),
    )


def brief_html(values: Mapping[str, Any]) -> str:
    text = str(values.get("brief") or "")
    # Longer than a brief may be: shown as far as it goes, and the checks say so.
    return render_markdown(text.encode()[:MARKDOWN_LIMIT].decode(errors="ignore"))


def as_candidates_see_it(draft: ExerciseDraft) -> ExerciseVersion:
    """The draft as a version that is not stored: the task, and nothing of the answer key."""
    values = autosave.values(draft.fields)
    minutes = str(values.get("minutes") or "")
    files = [
        {"path": authoring.of(values, "artefact", uid, "path"),
         "text": authoring.of(values, "artefact", uid, "text")}
        for uid in authoring.uids(values, "artefact")
    ]  # fmt: skip
    asked = [
        {"ask": authoring.of(values, "question", uid, "ask")}
        for uid in authoring.uids(values, "question")
    ]
    return ExerciseVersion(
        title=values.get("title") or draft.get_kind_display(),
        kind=draft.kind,
        levels=values.get("levels") or [],
        minutes=int(minutes) if minutes.isdecimal() else 30,
        ai_policy=values.get("ai_policy") or "allowed",
        language=values.get("language") or "",
        criteria=values.get("criteria") or [],
        brief_html=brief_html(values),
        artefacts=sorted(files, key=lambda file: str(file["path"])),
        questions=asked,
    )
