from screening.models.assignments import Assignment, AssignmentStatus, Conflict
from screening.models.decisions import Decision, Outcome
from screening.models.invitations import Invitation, LinkToken
from screening.models.loops import Loop, LoopStatus, Mode, Stage
from screening.models.scorecards import (
    Amendment,
    Rating,
    Recommendation,
    Scorecard,
    ScorecardStatus,
)
from screening.models.submissions import Attachment, Submission

__all__ = [
    "Amendment",
    "Assignment",
    "AssignmentStatus",
    "Attachment",
    "Conflict",
    "Decision",
    "Invitation",
    "LinkToken",
    "Loop",
    "LoopStatus",
    "Mode",
    "Outcome",
    "Rating",
    "Recommendation",
    "Scorecard",
    "ScorecardStatus",
    "Stage",
    "Submission",
]
