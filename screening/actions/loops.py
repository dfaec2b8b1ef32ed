"""The loop of a job: its rules, its life, and (in `stages`) its steps."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import ledger
from accounts.models import User
from candidates.models import Job
from exercises.models import ExerciseVersion
from lib.errors import Refused
from rubrics.models import RubricVersion, VersionStatus
from screening.actions.stages import (
    add_stage,
    locked,
    move_stage,
    remove_stage,
    update_stage,
)
from screening.actions.templates import Template, loop_templates
from screening.models import Assignment, Loop, LoopStatus, Mode, Stage

__all__ = [
    "add_stage",
    "close_loop",
    "create_loop",
    "move_stage",
    "publish_loop",
    "remove_stage",
    "update_loop",
    "update_stage",
]

RULES = frozenset(
    {"rubric_version", "hides_identity", "link_days", "scorecard_days", "max_minutes"}
)


def _template(key: str) -> Template:
    for template in loop_templates():
        if template.key == key:
            return template
    raise Refused(_("There is no loop template of that name."), code="not_found")


def latest_rubric(key: str | None = None) -> RubricVersion:
    """The newest published version of this rubric, or of the one published last."""
    found = RubricVersion.objects.filter(status=VersionStatus.PUBLISHED)
    if key:
        found = found.filter(rubric__key=key)
    version = found.order_by("-published_at", "-number").first()
    if version is None:
        raise Refused(_("No rubric is published yet. Load the library, or publish a rubric."))
    return version


def _copy_stages(loop: Loop, template: Template) -> None:
    slugs = [stage["exercise"] for stage in template.stages if stage["exercise"]]
    versions = {
        version.exercise.slug: version
        for version in ExerciseVersion.objects.latest()
        .filter(exercise__slug__in=slugs)
        .select_related("exercise")
    }
    keys = set(loop.rubric_version.criteria.values_list("key", flat=True))
    Stage.objects.bulk_create(
        [
            Stage(
                loop=loop,
                position=position,
                title=stage["title"],
                exercise_version=versions.get(stage["exercise"]),
                mode=Mode(stage["mode"]),
                minutes=stage["minutes"],
                interviewers_needed=stage["interviewers"],
                criteria=[key for key in stage["criteria"] if key in keys][: Stage.MAX_CRITERIA],
            )
            for position, stage in enumerate(template.stages, start=1)
        ]
    )


@transaction.atomic
def create_loop(
    *,
    by: User | None,
    job: Job,
    template: str | None = None,
    rubric_version: RubricVersion | None = None,
) -> Loop:
    """Give a job its loop: a copy of a template, or empty."""
    if Loop.objects.filter(job=job).exists():
        raise Refused(_("This job has its loop already. Open it to edit it."), code="conflict")
    chosen = _template(template) if template else None
    version = rubric_version or latest_rubric(chosen.rubric if chosen else None)
    loop = Loop.objects.create(job=job, rubric_version=version)
    if chosen:
        _copy_stages(loop, chosen)
    ledger.record("create_loop", by=by, on=loop, job=job)
    return loop


def _change_rubric(loop: Loop, version: RubricVersion) -> None:
    if Assignment.objects.filter(application__job=loop.job_id).exists():
        raise Refused(
            _("Candidates are being judged by this rubric, so this loop keeps it to the end.")
        )
    if version.status != VersionStatus.PUBLISHED:
        raise Refused(_("Publish that rubric version first."))
    keys = set(version.criteria.values_list("key", flat=True))
    for stage in loop.stages.all():
        stage.criteria = [key for key in stage.criteria if key in keys]
        stage.save(update_fields=["criteria", "updated_at"])


@transaction.atomic
def update_loop(*, by: User | None, loop: Loop, **rules: Any) -> Loop:
    """Change the rules of a loop. What is assigned already keeps what it pinned."""
    if unknown := set(rules) - RULES:
        raise TypeError(f"A loop has no {', '.join(sorted(unknown))}.")
    loop = locked(loop)
    changed = [name for name, value in rules.items() if getattr(loop, name) != value]
    if not changed:
        return loop
    if "rubric_version" in changed:
        _change_rubric(loop, rules["rubric_version"])
    for name in changed:
        setattr(loop, name, rules[name])
    try:
        loop.clean_fields()
    except ValidationError as error:
        raise Refused(" ".join(error.messages), code="validation") from error
    loop.save(update_fields=[*changed, "updated_at"])
    ledger.record("update_loop", by=by, on=loop, job=loop.job, changed=changed)
    return loop


def problems(loop: Loop) -> list[str]:
    """What keeps a loop from being published, in sentences that say what to do."""
    stages = list(loop.stages.all())
    if not stages:
        return [_("A loop needs at least one stage. Add one from the library.")]
    found = []
    for stage in stages:
        if stage.mode == Mode.TAKE_HOME and stage.exercise_version_id is None:
            found.append(
                _("“%(stage)s” is a take-home without an exercise. Choose one or make it live.")
                % {"stage": stage.title}
            )
        if not stage.criteria:
            found.append(
                _("“%(stage)s” shows no criterion. Choose up to six.") % {"stage": stage.title}
            )
    return found


@transaction.atomic
def publish_loop(*, by: User | None, loop: Loop) -> Loop:
    """Open a loop to candidates; a closed one opens again."""
    if found := problems(loop):
        raise Refused(" ".join(found))
    now = timezone.now()
    changed = (
        Loop.objects.filter(pk=loop.pk)
        .exclude(status=LoopStatus.PUBLISHED)
        .update(
            status=LoopStatus.PUBLISHED,
            published_at=models.functions.Coalesce("published_at", now),
            updated_at=now,
        )
    )
    loop.refresh_from_db(fields=["status", "published_at", "updated_at"])
    if changed:
        ledger.record("publish_loop", by=by, on=loop, job=loop.job, changed=["status"])
    return loop


@transaction.atomic
def close_loop(*, by: User | None, loop: Loop) -> Loop:
    """Nobody new is assigned; whoever is in it finishes."""
    changed = Loop.objects.filter(pk=loop.pk, status=LoopStatus.PUBLISHED).update(
        status=LoopStatus.CLOSED, updated_at=timezone.now()
    )
    loop.refresh_from_db(fields=["status", "updated_at"])
    if changed:
        ledger.record("close_loop", by=by, on=loop, job=loop.job, changed=["status"])
    elif loop.status == LoopStatus.DRAFT:
        raise Refused(_("A draft has nothing to close. Publish it first."))
    return loop
