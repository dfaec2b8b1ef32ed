"""What tests of scorecards do again and again."""

import itertools
from typing import Any

from screening.actions.scorecards import save_scorecard, submit_scorecard
from screening.models import Scorecard

_serial = itertools.count(1)


def op(field: str, value: Any, base_rev: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "field": field,
        "value": value,
        "base_rev": base_rev,
        "id": f"op-{next(_serial)}",
        "at": "2026-11-20T10:00:00Z",
        **more,
    }


def fill(
    card: Scorecard, *, points: tuple[str, ...] = ("3", "2", "0"), recommendation: str = "yes"
) -> Scorecard:
    ops = [op(f"point:c{n}", point) for n, point in enumerate(points, 1)]
    save_scorecard(
        by=card.interviewer,
        scorecard=card,
        ops=[*ops, op("recommendation", recommendation), op("evidence:c1", " Named the race. ")],
    )
    card.refresh_from_db()
    return card


def submitted(card: Scorecard, **how: Any) -> Scorecard:
    return submit_scorecard(by=card.interviewer, scorecard=fill(card, **how))
