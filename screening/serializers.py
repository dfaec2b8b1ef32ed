"""What the API gives of screenings, scorecards and results."""

from lib.rest.operations import (
    EXTERNAL_IDS,
    FLAG,
    NUMBER,
    TEXT,
    TIME,
    TIMES,
    UUID,
    WHOLE,
    Shape,
    many,
    nullable,
    one_of,
    thing,
)
from screening.models import AssignmentStatus, Mode, Recommendation

SCREENING_ID = "0b51a3c4-6c1e-4a86-9d11-0c6d7e8f9a10"
APPLICATION_ID = "9d1f3c20-7b5e-4f0e-8f1d-2f6f4a3a5a77"
JOB_ID = "3b0f5a52-8a4e-4a53-9b0a-6a3f0b7a4c11"
SCORECARD_ID = "6a0e2f1d-5b7c-4d3e-8a9f-1b2c3d4e5f60"
PERSON_ID = "51c2a1f0-7a3e-4a3e-8c7b-0f4e1a2b3c4d"
AT = "2026-11-18T10:02:11.120000Z"

RUBRIC = thing(id=UUID, version=WHOLE, level=TEXT)
RUBRIC_EXAMPLE = {
    "id": "a1d6f0b2-4c1e-4f57-8a52-7b1e9c0d3e5f",
    "version": 3,
    "level": "senior",
}
SCREENING = Shape(
    "Screening",
    thing(
        id=UUID,
        application_id=UUID,
        job_id=UUID,
        stage_id=nullable(UUID),
        position=WHOLE,
        title=TEXT,
        mode=one_of(Mode.values),
        status=one_of(AssignmentStatus.values),
        criteria=many(TEXT),
        minutes=WHOLE,
        extra_minutes=WHOLE,
        interviewers_needed=WHOLE,
        interviewer_ids=many(UUID),
        exercise=nullable(thing(id=UUID, version=WHOLE)),
        rubric=RUBRIC,
        started_at=nullable(TIME),
        handed_in_at=nullable(TIME),
        external_ids=EXTERNAL_IDS,
        deleted_at=nullable(TIME),
        **TIMES,
    ),
    {
        "id": SCREENING_ID,
        "application_id": APPLICATION_ID,
        "job_id": JOB_ID,
        "stage_id": "5f1d9a3e-51f0-4be4-8b6c-1d3a0f4f9b10",
        "position": 1,
        "title": "Review a risky endpoint",
        "mode": "take_home",
        "status": "handed_in",
        "criteria": ["tradeoffs", "failure_handling", "communication"],
        "minutes": 45,
        "extra_minutes": 0,
        "interviewers_needed": 2,
        "interviewer_ids": [PERSON_ID],
        "exercise": {"id": "8d5f6a1b-0f9c-4a54-8b4e-2c9d1e7f3a22", "version": 2},
        "rubric": RUBRIC_EXAMPLE,
        "started_at": "2026-11-18T09:00:00Z",
        "handed_in_at": "2026-11-18T09:41:00Z",
        "external_ids": [],
        "deleted_at": None,
        "created_at": "2026-11-17T09:01:00Z",
        "updated_at": AT,
    },
)
RATING = thing(
    criterion=TEXT,
    weight=NUMBER,
    scale_min=WHOLE,
    scale_max=WHOLE,
    value=nullable(WHOLE),
    note=nullable(TEXT),
)


def _rating(criterion: str, weight: float, value: int, note: str | None) -> dict[str, object]:
    return {
        "criterion": criterion,
        "weight": weight,
        "scale_min": 1,
        "scale_max": 4,
        "value": value,
        "note": note,
    }


SCORECARD = Shape(
    "Scorecard",
    thing(
        id=UUID,
        screening_id=UUID,
        application_id=UUID,
        job_id=UUID,
        interviewer_id=UUID,
        submitted_by_id=UUID,
        status=one_of(["submitted"]),
        revision=WHOLE,
        rubric=RUBRIC,
        ratings=many(RATING),
        raw_score=nullable(NUMBER),
        coverage=NUMBER,
        is_abstention=FLAG,
        overall_recommendation=nullable(one_of(Recommendation.values)),
        summary=nullable(TEXT),
        interviewed_at=nullable(TIME),
        submitted_at=TIME,
        external_ids=EXTERNAL_IDS,
        version=WHOLE,
        deleted_at=nullable(TIME),
        **TIMES,
    ),
    {
        "id": SCORECARD_ID,
        "screening_id": SCREENING_ID,
        "application_id": APPLICATION_ID,
        "job_id": JOB_ID,
        "interviewer_id": PERSON_ID,
        "submitted_by_id": PERSON_ID,
        "status": "submitted",
        "revision": 1,
        "rubric": RUBRIC_EXAMPLE,
        "ratings": [
            _rating("tradeoffs", 0.35, 3, "Named the cost of a lock."),
            _rating("failure_handling", 0.4, 2, None),
            _rating("communication", 0.25, 4, None),
        ],
        "raw_score": 61.67,
        "coverage": 1.0,
        "is_abstention": False,
        "overall_recommendation": "yes",
        "summary": None,
        "interviewed_at": "2026-11-18T09:00:00Z",
        "submitted_at": AT,
        "external_ids": [],
        "version": 1,
        "deleted_at": None,
        "created_at": "2026-11-18T09:01:00Z",
        "updated_at": AT,
    },
)
RESULT = Shape(
    "Result",
    thing(
        id=UUID,
        application_id=UUID,
        job_id=UUID,
        rubric=nullable(RUBRIC),
        raw_score=nullable(NUMBER),
        coverage=nullable(NUMBER),
        calibrated_score=nullable(thing(value=NUMBER, low=NUMBER, high=NUMBER, band=NUMBER)),
        why_not_calibrated=nullable(TEXT),
        scorecard_ids=many(UUID),
        calibration_run_id=nullable(TEXT),
        as_of=TIME,
        status=one_of(["provisional", "published"]),
    ),
    {
        "id": APPLICATION_ID,
        "application_id": APPLICATION_ID,
        "job_id": JOB_ID,
        "rubric": RUBRIC_EXAMPLE,
        "raw_score": 61.67,
        "coverage": 1.0,
        "calibrated_score": {"value": 58.9, "low": 52.1, "high": 65.7, "band": 0.8},
        "why_not_calibrated": None,
        "scorecard_ids": [SCORECARD_ID],
        "calibration_run_id": "0f3c9a7e5d1b2c4a6e8f",
        "as_of": "2026-11-20T16:12:00Z",
        "status": "published",
    },
)
