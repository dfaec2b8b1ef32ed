"""Calibrated scores: severity, difficulty and the hour's impression parted from the candidate.

One linear mixed model per comparability group (rubrics of one structure hash), over every point.
Plain numbers and frozen dataclasses in and out; no clock, no settings, no randomness.
"""

from rubrics.calibration._threads import ONE_THREAD
from rubrics.calibration.engine import calibrate
from rubrics.calibration.gate import Component, Shut
from rubrics.calibration.records import (
    ENGINE_VERSION,
    OPEN_GATE,
    PRIOR,
    Application,
    Gate,
    Point,
)
from rubrics.calibration.results import (
    BAND_WIDTHS,
    ApplicationResult,
    CalibrationResult,
    CriterionResult,
    ExerciseResult,
    InterviewerResult,
    band,
)

__all__ = [
    "BAND_WIDTHS",
    "ENGINE_VERSION",
    "ONE_THREAD",
    "OPEN_GATE",
    "PRIOR",
    "Application",
    "ApplicationResult",
    "CalibrationResult",
    "Component",
    "CriterionResult",
    "ExerciseResult",
    "Gate",
    "InterviewerResult",
    "Point",
    "Shut",
    "band",
    "calibrate",
]
