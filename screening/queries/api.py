"""The rows behind the API's stages, screenings, scorecards and results, as plain dicts."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from candidates.models import Application, Job
from lib.database import Among
from rubrics import scoring
from screening.models import (
    Assignment,
    AssignmentStatus,
    Mode,
    Rating,
    Scorecard,
    ScorecardStatus,
    Stage,
)
from screening.queries import debriefs
from screening.queries.results import Result, panels, results_of
from screening.queries.standing import owed_by

Row = dict[str, Any]
Rows = QuerySet[Any]

BAND = Decimal("0.8")

SCREENING = (
    *("id", "application_id", "stage_id", "position", "title", "mode", "criteria", "minutes"),
    *("extra_minutes", "interviewers_needed", "started_at", "handed_in_at", "created_at"),
)
SCORECARD = (
    *("id", "interviewer_id", "status", "revision", "recommendation", "summary", "is_abstention"),
    *("submitted_at", "created_at", "updated_at"),
)


def stages_of(jobs: Iterable[UUID], user: User) -> dict[UUID, list[Row]]:
    """The stages of those jobs whose loop this user may see."""
    managed = Job.objects.managed_by(user).filter(pk__in=list(jobs))
    found: dict[UUID, list[Row]] = defaultdict(list)
    rows = (
        Stage.objects.filter(loop__job__in=managed)
        .order_by("position", "pk")
        .values(
            *("id", "position", "title", "mode", "minutes", "criteria", "interviewers_needed"),
            job_id=F("loop__job_id"),
            exercise_id=F("exercise_version__exercise_id"),
        )
    )
    for row in rows:
        found[row.pop("job_id")].append(row)
    return found


def screening_rows(user: User) -> Rows:
    """Who owes a scorecard for the application learns neither that nor when others have judged."""
    blind = Q(application__in=owed_by(user))
    handed_in = Value(AssignmentStatus.HANDED_IN.value)
    planned = Value(AssignmentStatus.PLANNED.value)
    live = Q(mode=Mode.LIVE, status__in=[AssignmentStatus.HANDED_IN, AssignmentStatus.SCORED])
    return Assignment.objects.visible_to(user).values(
        *SCREENING,
        shown_status=Case(
            When(blind & live, then=planned),
            When(blind & Q(status=AssignmentStatus.SCORED), then=handed_in),
            default=F("status"),
        ),
        shown_updated_at=Case(
            When(blind, then=Coalesce("handed_in_at", "started_at", "created_at")),
            default=F("updated_at"),
        ),
        job_id=F("application__job_id"),
        exercise_pk=F("exercise_version__exercise_id"),
        exercise_number=F("exercise_version__number"),
        rubric_pk=F("rubric_version__rubric_id"),
        rubric_number=F("rubric_version__number"),
        level=F("application__job__level__key"),
    )


def screenings_out(rows: Sequence[Row]) -> list[Row]:
    """With who is asked to judge, and nothing of what they did."""
    panel: dict[UUID, list[UUID]] = defaultdict(list)
    asked = Scorecard.objects.filter(Among("assignment_id", (row["id"] for row in rows)))
    for assignment, interviewer in (
        asked.exclude(status=ScorecardStatus.DECLINED)
        .order_by("interviewer_id")
        .values_list("assignment_id", "interviewer_id")
    ):
        panel[assignment].append(interviewer)
    return [_screening(row, panel[row["id"]]) for row in rows]


def _screening(row: Row, interviewers: list[UUID]) -> Row:
    exercise, number = row.pop("exercise_pk"), row.pop("exercise_number")
    rubric = _rubric(row)
    status, updated_at = row.pop("shown_status"), row.pop("shown_updated_at")
    return {
        **row,
        "status": status,
        "updated_at": updated_at,
        "exercise": {"id": exercise, "version": number} if exercise else None,
        "rubric": rubric,
        "interviewer_ids": interviewers,
        "external_ids": [],
        "deleted_at": None,
    }


def _rubric(row: Row) -> Row:
    return {
        "id": row.pop("rubric_pk"),
        "version": row.pop("rubric_number"),
        "level": row.pop("level"),
    }


def scorecard_rows(user: User) -> Rows:
    """Submitted ones that this user may read, by the one policy."""
    return (
        Scorecard.objects.visible_to(user)
        .submitted()
        .exclude(assignment__status=AssignmentStatus.CANCELLED)
        .values(
            *SCORECARD,
            screening_id=F("assignment_id"),
            application_id=F("assignment__application_id"),
            job_id=F("assignment__application__job_id"),
            interviewed_at=F("assignment__started_at"),
            floor=F("assignment__rubric_version__coverage_floor"),
            rubric_pk=F("assignment__rubric_version__rubric_id"),
            rubric_number=F("assignment__rubric_version__number"),
            level=F("assignment__application__job__level__key"),
        )
    )


def scorecards_out(rows: Sequence[Row]) -> list[Row]:
    ratings: dict[UUID, list[Any]] = defaultdict(list)
    for rating in (
        Rating.objects.filter(Among("scorecard_id", (row["id"] for row in rows)))
        .order_by("criterion__position")
        .values("scorecard_id", "point", "evidence", "weight", "bar", key=F("criterion__key"))
    ):
        ratings[rating["scorecard_id"]].append(rating)
    return [_scorecard(row, ratings[row["id"]]) for row in rows]


def _scorecard(row: Row, ratings: list[Row]) -> Row:
    """Scored with the weights of that day, over the criteria its stage shows."""
    level = scoring.LevelStandard(
        row["level"],
        row["level"],
        {r["key"]: scoring.CriterionStandard(r["weight"], r["bar"]) for r in ratings},
    )
    points = {rating["key"]: rating["point"] for rating in ratings}
    scored = scoring.score_scorecard(
        points, level=level, criteria=list(points), floor=row.pop("floor")
    )
    shares = scoring.effective_weights(level)
    rubric, recommendation = _rubric(row), row.pop("recommendation")
    return {
        **row,
        "submitted_by_id": row["interviewer_id"],
        "rubric": rubric,
        "ratings": [
            {
                "criterion": rating["key"],
                "weight": float(shares.get(rating["key"], 0)),
                "scale_min": scoring.LOWEST_POINT,
                "scale_max": scoring.HIGHEST_POINT,
                "value": rating["point"],
                "note": rating["evidence"] or None,
            }
            for rating in ratings
        ],
        "raw_score": scored.score.out_of_100 if scored.score else None,
        "coverage": scored.coverage_value,
        "overall_recommendation": recommendation or None,
        "summary": row["summary"] or None,
        "external_ids": [],
        "version": row["revision"],
        "deleted_at": None,
    }


def _due() -> QuerySet[Scorecard]:
    return (
        Scorecard.objects.filter(assignment__application=OuterRef("pk"))
        .exclude(status=ScorecardStatus.DECLINED)
        .exclude(assignment__status=AssignmentStatus.CANCELLED)
    )


def with_results(user: User) -> QuerySet[Application]:
    """Applications a panel was asked about whose results this user may read once they are open."""
    return (
        debriefs.readable(user)
        .filter(Exists(_due()))
        .select_related("job__level")
        .annotate(is_published=_is_open())
    )


def _is_open() -> Q:
    """`results_open.Panel.is_open` for the database, so that pages can be filtered by it."""
    later = Q(due_at=None) | Q(due_at__gt=timezone.now())
    missing = _due().filter(later, status=ScorecardStatus.DRAFT)
    return Q(Exists(_due().filter(status=ScorecardStatus.SUBMITTED))) & ~Q(Exists(missing))


def results_out(applications: Sequence[Application]) -> list[Row]:
    """Results of those whose debrief is open; of the others only that they are to come."""
    standing = panels(applications)
    shown = [a for a in applications if standing[a.pk].is_open]
    results = results_of(shown) if shown else {}
    pks = [application.pk for application in shown]
    rubrics, cards = _rubrics(applications), _cards(pks)
    return [
        _result(a, results.get(a.pk), rubrics.get(a.pk), cards.get(a.pk, [])) for a in applications
    ]


def _rubrics(applications: Sequence[Application]) -> dict[UUID, Row]:
    """The newest version pinned: the one results are read with."""
    found: dict[UUID, Row] = {}
    levels = {application.pk: application.job.level.key for application in applications}
    for row in (
        Assignment.objects.live()
        .filter(application__in=list(levels))
        .order_by("rubric_version__number")
        .values(
            "application_id", pk=F("rubric_version__rubric_id"), number=F("rubric_version__number")
        )
    ):
        application = row["application_id"]
        found[application] = {
            "id": row["pk"],
            "version": row["number"],
            "level": levels[application],
        }
    return found


def _cards(applications: Sequence[UUID]) -> dict[UUID, list[UUID]]:
    """The scorecards that are in a mean."""
    found: dict[UUID, list[UUID]] = defaultdict(list)
    for pk, application in (
        Scorecard.objects.submitted()
        .filter(assignment__application__in=applications, is_abstention=False)
        .exclude(assignment__status=AssignmentStatus.CANCELLED)
        .order_by("pk")
        .values_list("pk", "assignment__application_id")
    ):
        found[application].append(pk)
    return found


def _result(
    application: Application, result: Result | None, rubric: Row | None, cards: list[UUID]
) -> Row:
    calibrated = result.calibrated if result else None
    low, high = calibrated.band_80_of_100 if calibrated else (None, None)
    why_not = result.why_not if result else _("Scorecards are still due.")
    return {
        "id": application.pk,
        "application_id": application.pk,
        "job_id": application.job_id,
        "rubric": rubric,
        "raw_score": result.raw_of_100 if result else None,
        "coverage": result.coverage if result else None,
        "calibrated_score": {
            "value": calibrated.out_of_100,
            "low": low,
            "high": high,
            "band": BAND,
        }
        if calibrated
        else None,
        "why_not_calibrated": None if calibrated else why_not,
        "scorecard_ids": cards,
        "calibration_run_id": result.fingerprint if result and calibrated else None,
        "as_of": timezone.now(),
        "status": "published" if result else "provisional",
    }
