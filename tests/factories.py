"""The smallest world a test needs: functions that make real rows, with sensible defaults.

Alice recruits, Bob manages the hire, Chi and Dev interview, Ada administers.
"""

import itertools
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from candidates.models import Application, Candidate, Job, TeamMember, TeamRole
from exercises.models import Exercise, ExerciseDraft, ExerciseVersion, Flaw
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
from screening.models import (
    Assignment,
    AssignmentStatus,
    Invitation,
    Loop,
    LoopStatus,
    Mode,
    Rating,
    Scorecard,
    Stage,
    Submission,
)

PASSWORD = "correct horse battery"
_serial = itertools.count(1)


def user(name: str = "Alice Recruiter", **fields: Any) -> User:
    fields.setdefault("email", f"{name.split()[0].lower()}{next(_serial)}@example.org")
    made = User(name=name, **fields)
    made.set_unusable_password()  # hashing is slow; tests sign in with force_login
    made.save()
    return made


def recruiter(name: str = "Alice Recruiter", **fields: Any) -> User:
    return user(name, is_recruiter=True, **fields)


def interviewer(name: str = "Chi Nguyen", **fields: Any) -> User:
    return user(name, is_interviewer=True, **fields)


def manager(name: str = "Bob Manager", **fields: Any) -> User:
    return user(name, is_hiring_manager=True, **fields)


def admin(name: str = "Ada Admin", **fields: Any) -> User:
    return user(name, is_admin=True, **fields)


def level(key: str = "senior") -> Level:
    order = {"entry": 1, "mid": 2, "senior": 3}
    return Level.objects.get_or_create(
        key=key, defaults={"name": key, "position": order.get(key, 9)}
    )[0]


def rubric_version(criteria: int = 3, **fields: Any) -> RubricVersion:
    """A published rubric with criteria c1, c2 …, weight 10·n, bar 3, four anchors each."""
    serial = next(_serial)
    rubric = Rubric.objects.create(key=f"rubric-{serial}", name="Backend judgment")
    version = RubricVersion.objects.create(
        rubric=rubric,
        number=1,
        status=VersionStatus.PUBLISHED,
        published_at=timezone.now(),
        structure_hash=f"structure-{serial}",
        **fields,
    )
    skill = Skill.objects.get_or_create(
        key="data_modelling", defaults={"name": "Data modelling", "tier": "judgment"}
    )[0]
    for n in range(1, criteria + 1):
        criterion = Criterion.objects.create(
            version=version,
            key=f"c{n}",
            name=f"Criterion {n}",
            short_name=f"Crit {n}",
            description="What is rated.",
            skill=skill,
            position=n,
        )
        for key in ("entry", "mid", "senior"):
            CriterionLevel.objects.create(
                criterion=criterion, level=level(key), weight=10 * n, bar=3
            )
        for point in range(1, 5):
            Anchor.objects.create(
                criterion=criterion, point=point, title=f"Point {point}", text=f"Anchor {n}.{point}"
            )
    return version


def exercise_version(kind: str = "endpoint_critique", **fields: Any) -> ExerciseVersion:
    serial = next(_serial)
    version = ExerciseVersion.objects.create(
        exercise=Exercise.objects.create(slug=f"exercise-{serial}"),
        number=1,
        status=VersionStatus.PUBLISHED,
        published_at=timezone.now(),
        title=fields.pop("title", f"Risky endpoint {serial}"),
        kind=kind,
        levels=["senior"],
        minutes=30,
        ai_policy=fields.pop("ai_policy", "allowed"),
        language=fields.pop("language", "sql" if kind == "data_model" else "python"),
        criteria=["c1", "c2"],
        brief="Review this endpoint.",
        brief_html="<p>Review this endpoint.</p>",
        artefacts=[
            {"path": "view.py", "text": "import json\n\ndef view(request):\n    return None\n"}
        ],
        **fields,
    )
    Flaw.objects.create(
        version=version,
        slug="no-auth",
        code="F1",
        file="view.py",
        lines=[[3, 4]],
        severity="critical",
        category="security",
        level="mid",
        title="KEY-CANARY nobody is authenticated",
        harm="KEY-CANARY anyone can call it",
        found_when="KEY-CANARY names it",
        position=1,
    )
    return version


def exercise_draft(
    by: User, *, kind: str = "endpoint_critique", of: Exercise | None = None, **values: Any
) -> ExerciseDraft:
    """Something being written, with these fields."""
    fields = {
        name: {"v": value, "rev": 1, "op": "start", "at": timezone.now().isoformat(), "by": ""}
        for name, value in values.items()
    }
    return ExerciseDraft.objects.create(author=by, kind=kind, exercise=of, fields=fields)


def job(*, team: dict[User, str] | None = None, level_key: str = "senior", **fields: Any) -> Job:
    made = Job.objects.create(
        title=fields.pop("title", "Backend engineer"), level=level(level_key), **fields
    )
    for member, role in (team or {}).items():
        TeamMember.objects.create(job=made, user=member, role=TeamRole(role))
    return made


def loop(of: Job, *, version: RubricVersion | None = None, stages: int = 1, **fields: Any) -> Loop:
    """A published loop; stage n shows all criteria and a critique of its own."""
    version = version or rubric_version()
    made = Loop.objects.create(
        job=of,
        rubric_version=version,
        status=LoopStatus.PUBLISHED,
        published_at=timezone.now(),
        **fields,
    )
    for n in range(1, stages + 1):
        Stage.objects.create(
            loop=made,
            position=n,
            title=f"Stage {n}",
            exercise_version=exercise_version(),
            mode=Mode.TAKE_HOME,
            minutes=30,
            criteria=[c.key for c in version.criteria.all()][:6],
        )
    return made


def application(of: Job, *, name: str = "Kim Larsen", **fields: Any) -> Application:
    serial = next(_serial)
    first, _, last = name.partition(" ")
    person = Candidate.objects.create(
        first_name=first, last_name=last, email=f"{first.lower()}{serial}@example.com"
    )
    return Application.objects.create(
        job=of, candidate=person, code=fields.pop("code", f"K-{serial}"), **fields
    )


def assignment(of: Application, stage: Stage, **fields: Any) -> Assignment:
    """A stage given to an application, handed in unless told otherwise, with an empty work."""
    fields.setdefault("status", AssignmentStatus.HANDED_IN)
    fields.setdefault("started_at", timezone.now())
    fields.setdefault("handed_in_at", timezone.now())
    made = Assignment.objects.create(
        application=of,
        stage=stage,
        position=stage.position,
        title=stage.title,
        exercise_version=stage.exercise_version,
        rubric_version=stage.loop.rubric_version,
        criteria=stage.criteria,
        mode=stage.mode,
        minutes=stage.minutes,
        **fields,
    )
    Submission.objects.create(assignment=made, sealed_at=made.handed_in_at)
    return made


def scorecard(of: Assignment, by: User, **fields: Any) -> Scorecard:
    """A draft; submit it with `screening.actions.scorecards.submit_scorecard`."""
    return Scorecard.objects.create(assignment=of, interviewer=by, due_at=timezone.now(), **fields)


def invitation(of: Application, *, days: int = 14, **fields: Any) -> Invitation:
    return Invitation.objects.create(
        application=of, expires_at=timezone.now() + timedelta(days=days), **fields
    )


def submitted_scorecard(
    of: Assignment, by: User, points: dict[str, int | None], **fields: Any
) -> Scorecard:
    """A submitted scorecard with these points, written without its draft; None: not observed."""
    at = fields.pop("submitted_at", None) or timezone.now()
    evidence = fields.pop("evidence", {})
    fields.setdefault("due_at", at)
    fields.setdefault("recommendation", "yes")
    card = Scorecard.objects.create(
        assignment=of, interviewer=by, status="submitted", submitted_at=at, **fields
    )
    asked = CriterionLevel.objects.filter(
        criterion__version=of.rubric_version,
        criterion__key__in=points,
        level=of.application.job.level,
    ).select_related("criterion")
    Rating.objects.bulk_create(
        Rating(
            scorecard=card,
            criterion=row.criterion,
            point=points[row.criterion.key],
            evidence=evidence.get(row.criterion.key, ""),
            label=row.criterion.name,
            weight=row.weight,
            bar=row.bar,
            is_must_pass=row.is_must_pass,
        )
        for row in asked
    )
    return card
