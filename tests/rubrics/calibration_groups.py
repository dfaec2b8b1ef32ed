"""Small comparability groups for the tests of calibration: who scored whom, points from a seed."""

from collections.abc import Iterable
from decimal import Decimal

import numpy as np

from rubrics.calibration import Application, CalibrationResult, Gate, Point, calibrate
from rubrics.scoring import CriterionStandard, LevelStandard

KEYS = ("k0", "k1", "k2")
NAMES = {"i0": "Ana", "i1": "Ben", "i2": "Chi", "i3": "Dev", "i4": "Eva", "i5": "Fay"}


def standard(key: str = "mid", keys: Iterable[str] = KEYS, weight: object = 1) -> LevelStandard:
    return LevelStandard(
        key, key, {k: CriterionStandard(Decimal(str(weight)), Decimal(3)) for k in keys}
    )


def card(
    number: int,
    subject: str,
    interviewer: str,
    values: dict[str, int],
    *,
    exercise: str = "e0",
    assignment: str = "",
) -> list[Point]:
    name = f"s{number:04}"
    return [
        Point(f"{name}-{k}", subject, name, assignment or name, interviewer, exercise, k, v)
        for k, v in values.items()
    ]


def application(
    name: str, level: str = "mid", job: str = "j", loop: tuple[str, ...] = KEYS
) -> Application:
    return Application(name, level, job, loop)


class Draw:
    """Cards with points drawn from a seed, so that a group is only who scored whom."""

    def __init__(self, seed: int = 1) -> None:
        self.rng = np.random.default_rng(seed)
        self.points: list[Point] = []
        self.number = 0

    def card(self, subject: str, interviewer: str, keys: Iterable[str] = KEYS) -> None:
        values = {k: int(self.rng.integers(1, 5)) for k in keys}
        exercise = f"e{self.number % 3}"
        self.points += card(self.number, subject, interviewer, values, exercise=exercise)
        self.number += 1

    def pool(self, candidates: int, interviewers: list[str], *, cards: int, tag: str = "a") -> None:
        """Every candidate is scored by that many neighbours in turn."""
        for c in range(candidates):
            for i in range(cards):
                self.card(f"{tag}{c:02}", interviewers[(c + i) % len(interviewers)])

    def result(self, *, gate: Gate | None = None) -> CalibrationResult:
        exemplars = {p.subject for p in self.points if p.subject.startswith("x")}
        subjects = sorted({p.subject for p in self.points} - exemplars)
        return calibrate(
            self.points,
            applications=[application(s) for s in subjects],
            levels=[standard()],
            exemplars=exemplars,
            labels=NAMES,
            gate=gate or Gate(),
        )
