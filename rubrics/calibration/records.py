"""What goes into a calibration: points, applications, and the thresholds of the gate."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from rubrics.scoring import DEFAULT_FLOOR, Exact

ENGINE_VERSION = "calibration-1"

#: The random effects in the model's order; the names are the keys of `CalibrationResult.sds`.
JOB = "job"
CANDIDATE = "candidate"
CRITERION = "candidate_criterion"
ASSIGNMENT = "assignment"
SCORECARD = "scorecard"
INTERVIEWER = "interviewer"
EXERCISE = "exercise"
RESIDUAL = "residual"

WITHIN = (CANDIDATE, CRITERION, ASSIGNMENT, SCORECARD)
ACROSS = (INTERVIEWER, EXERCISE, JOB)

#: Centres of the weak prior: variance of each effect as a share of the residual variance.
PRIOR: Mapping[str, float] = {
    CANDIDATE: 1.0,
    CRITERION: 0.45,
    ASSIGNMENT: 0.2,
    SCORECARD: 0.45,
    INTERVIEWER: 0.45,
    EXERCISE: 0.1,
    JOB: 0.3,
}


@dataclass(frozen=True, slots=True)
class Point:
    """One point given: a row of the model. `subject` is an application or an exemplar.

    `exercise` is the exercise version, or the stage where a stage has none. For an exemplar
    `assignment` is not read: each rating of it is an assignment of its own.
    """

    id: str
    subject: str
    scorecard: str
    assignment: str
    interviewer: str
    exercise: str
    criterion: str
    value: float


@dataclass(frozen=True, slots=True)
class Application:
    """An application to calibrate: its level, its job, the criteria any stage of its loop shows."""

    id: str
    level: str
    job: str
    loop: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Gate:
    """When a calibrated score may be shown; the defaults are the method page's."""

    floor: Exact = field(default_factory=lambda: Decimal(DEFAULT_FLOOR))
    own_scorecards: int = 2
    own_interviewers: int = 2
    scorecards: int = 40
    interviewers: int = 4
    candidates: int = 10
    interviewer_scorecards: int = 3


#: Every check passes as far as one can: for benches and tests, never for a page.
OPEN_GATE = Gate(
    floor=0,
    own_scorecards=1,
    own_interviewers=1,
    scorecards=0,
    interviewers=0,
    candidates=0,
    interviewer_scorecards=0,
)
