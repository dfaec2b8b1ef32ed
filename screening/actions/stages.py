"""The steps of a loop. An edit reaches later assignments only: each pins what it needs."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import ledger
from accounts.models import User
from exercises.models import ExerciseVersion, Kind
from lib.errors import Refused
from rubrics.models import VersionStatus
from screening.models import Loop, LoopStatus, Mode, Stage

FACTS = frozenset(
    {"title", "exercise_version", "mode", "minutes", "criteria", "interviewers_needed"}
)
LIVE_KINDS = frozenset(
    {Kind.DESIGN_DISCUSSION, Kind.STRUCTURED_INTERVIEW, Kind.PORTFOLIO_REVIEW, Kind.RESUME_SCREEN}
)
MAX_STAGES = 12
DEFAULT_MINUTES = 45


def locked(loop: Loop) -> Loop:
    """The loop's row, held until the transaction ends, so that positions stay dense."""
    loop = Loop.objects.select_for_update(of=("self",)).select_related("job").get(pk=loop.pk)
    if loop.status == LoopStatus.CLOSED:
        raise Refused(_("This loop is closed. Publish it again to change it."))
    return loop


def proposed_criteria(loop: Loop, exercise_version: ExerciseVersion | None) -> list[str]:
    """The exercise's own criteria, as far as the loop's rubric has them."""
    if exercise_version is None:
        return []
    keys = set(loop.rubric_version.criteria.values_list("key", flat=True))
    return [key for key in exercise_version.criteria if key in keys][: Stage.MAX_CRITERIA]


def _checked(stage: Stage) -> Stage:
    version = stage.exercise_version
    if version is not None and version.status != VersionStatus.PUBLISHED:
        raise Refused(_("Publish “%(title)s” first.") % {"title": version.title})
    keys = list(stage.criteria)
    known = set(stage.loop.rubric_version.criteria.values_list("key", flat=True))
    if len(keys) != len(set(keys)) or not set(keys) <= known:
        raise Refused(_("Choose criteria of this loop's rubric, each once."), code="validation")
    if len(keys) > Stage.MAX_CRITERIA:
        raise Refused(
            _("One stage shows at most %(most)d criteria; more tire interviewers out.")
            % {"most": Stage.MAX_CRITERIA},
            code="validation",
        )
    try:
        stage.clean_fields(exclude=["criteria"])
    except ValidationError as error:
        raise Refused(" ".join(error.messages), code="validation") from error
    return stage


def _number(stages: list[Stage]) -> None:
    moved = []
    for position, stage in enumerate(stages, start=1):
        if stage.position != position:
            stage.position = position
            moved.append(stage)
    Stage.objects.bulk_update(moved, ["position"])


@transaction.atomic
def add_stage(
    *,
    by: User | None,
    loop: Loop,
    exercise_version: ExerciseVersion | None = None,
    title: str = "",
    mode: str = "",
    minutes: int | None = None,
    criteria: list[str] | None = None,
    interviewers_needed: int = 2,
) -> Stage:
    """Add a step at the end; what is not said comes from the exercise."""
    loop = locked(loop)
    count = loop.stages.count()
    if count >= MAX_STAGES:
        raise Refused(_("A loop has at most %(most)d stages.") % {"most": MAX_STAGES})
    if not mode:
        is_live = exercise_version is None or exercise_version.kind in LIVE_KINDS
        mode = Mode.LIVE if is_live else Mode.TAKE_HOME
    stage = Stage(
        loop=loop,
        position=count + 1,
        title=title or (exercise_version.title if exercise_version else _("Conversation")),
        exercise_version=exercise_version,
        mode=mode,
        minutes=minutes or (exercise_version.minutes if exercise_version else DEFAULT_MINUTES),
        criteria=proposed_criteria(loop, exercise_version) if criteria is None else criteria,
        interviewers_needed=interviewers_needed,
    )
    _checked(stage).save(force_insert=True)
    ledger.record("add_stage", by=by, on=loop, job=loop.job, changed=["stages"])
    return stage


@transaction.atomic
def update_stage(*, by: User | None, stage: Stage, **facts: Any) -> Stage:
    """Change a step; without a change nothing is written."""
    if unknown := set(facts) - FACTS:
        raise TypeError(f"A stage has no {', '.join(sorted(unknown))}.")
    loop = locked(stage.loop)
    stage = Stage.objects.select_related("exercise_version").get(pk=stage.pk)
    changed = [name for name, value in facts.items() if getattr(stage, name) != value]
    if not changed:
        return stage
    for name in changed:
        setattr(stage, name, facts[name])
    _checked(stage).save(update_fields=[*changed, "updated_at"])
    ledger.record("update_stage", by=by, on=loop, job=loop.job, changed=changed)
    return stage


@transaction.atomic
def move_stage(*, by: User | None, stage: Stage, to_position: int) -> Stage:
    """Put a step at this position (1 is first); the others close up."""
    loop = locked(stage.loop)
    stages = list(loop.stages.order_by("position", "id"))
    if not 1 <= to_position <= len(stages):
        raise Refused(_("There is no such position in this loop."), code="validation")
    before = [row.pk for row in stages]
    moving = stages.pop(before.index(stage.pk))
    stages.insert(to_position - 1, moving)
    _number(stages)
    if before != [row.pk for row in stages]:
        ledger.record("move_stage", by=by, on=loop, job=loop.job, changed=["stages"])
    return moving


@transaction.atomic
def remove_stage(*, by: User | None, stage: Stage) -> None:
    """Take a step out. Assignments made from it stay as they are."""
    loop = locked(stage.loop)
    if Stage.objects.filter(pk=stage.pk, loop=loop).delete()[0]:
        _number(list(loop.stages.order_by("position", "id")))
        ledger.record("remove_stage", by=by, on=loop, job=loop.job, changed=["stages"])
