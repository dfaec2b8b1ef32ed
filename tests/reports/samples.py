"""Pinned data as `reports.data` makes it, without a database: a panel of four, seven criteria."""

import copy
from typing import Any

NAMES = [
    *("Shapes the data", "Finds what is wrong", "Keeps data true", "Assumes attack"),
    *("Judges the AI's answer", "Is clear to a colleague", "Owns the outcome"),
]
PEOPLE = ["Ben Okafor", "Chi Nguyen", "Dev Raman", "Elif Kaya"]
TITLES = {1: "Misses critical", 2: "Says transaction", 3: "Shows the race", 4: "Guards it for good"}
POINTS = [[3, 3, 4, 3], [3, 1, 3, 4], [3, 2, 4, 3], [4, 3, 4, 3], [3, 3, 0, 3], [3, 3, 3, 3]]
QUOTES = [
    *("Refund as its own row, with a reason and a source.", "The second save wins."),
    *("Criticals named first, then the rest.", "Says which report gets slower, and why."),
]


def _marks(raw: float, calibrated: float, bar: float) -> dict[str, Any]:
    bands = {
        f"band_{share}": [max(1, calibrated - half), min(4, calibrated + half)]
        for share, half in ((95, 0.55), (80, 0.36), (50, 0.18))
    }
    return {"raw": raw, "calibrated": calibrated, "bar": bar, **bands}


def _criterion(number: int, raw: float, bar: int = 3) -> dict[str, Any]:
    calibrated = round(raw + 0.13, 2)
    return {
        "name": NAMES[number - 1],
        "weight": "15 %",
        "calibrated": f"{calibrated:.2f}",
        "raw": f"{raw:.2f}",
        "bar": str(bar),
        "reads": "above the bar",
        "marks": _marks(raw, calibrated, bar),
    }


def _group(number: int, points: list[int]) -> dict[str, Any]:
    rows = [
        {
            "who": who,
            "point": point or None,
            "title": TITLES[point] if point else "Not observed",
            "notes": [{"text": QUOTES[n], "quoted": True, "anchor": f"Ex. 2 L{8 + n}"}]
            if point
            else [],
            "notice": "",
        }
        for n, (who, point) in enumerate(zip(PEOPLE, points, strict=True))
    ]
    return {
        "number": number,
        "name": NAMES[number - 1],
        "facts": "weight 15 % · senior bar 3",
        "rows": rows,
        "settled": [
            {
                "lead": "Settled:",
                "text": "3 apart. Chi Nguyen amended 1 to 2 on 20 Nov 2026: the comment was read"
                " again, marked as a question.",
            }
        ]
        if number == 2
        else [],
    }


def _pick(title: str, text: str, number: int, *, quoted: bool = True) -> dict[str, Any]:
    return {
        "title": title,
        "text": text,
        "quoted": quoted,
        "anchor": "Ex. 2 L16–19",
        "by": "BO, EK",
        "number": number,
    }


def sample() -> dict[str, Any]:
    """The panel of `look/pdf-1.png`: two pages."""
    raws = [3.25, 2.75, 3.0, 3.5, 3.0, 3.0, 2.5]
    return copy.deepcopy(
        {
            "format": 1,
            "preset": "hiring_manager",
            "lang": "en",
            "paper": "A4",
            "company": "Meridian Freight",
            "requested_at": "2026-11-20T15:04:00+00:00",
            "requested_on": "20 November 2026",
            "title": "Candidate K-17",
            "job": "Backend engineer, senior",
            "foot": "K-17 · Backend engineer, senior · Confidential, hiring team only",
            "subtitle": "Backend engineer, senior · 3 exercises, 115 minutes · panel of 4",
            "verdict": [
                {
                    "label": "Decision",
                    "value": "Hire",
                    "unit": "",
                    "is_figure": True,
                    "lines": [
                        {
                            "strong": "",
                            "text": "3 yes, 1 no. Decided on 20 Nov 2026 by Marta"
                            " Lindqvist, after the debrief.",
                        },
                    ],
                },
                {
                    "label": "Calibrated score",
                    "value": "3.22",
                    "unit": "of 4",
                    "is_figure": True,
                    "lines": [
                        {"strong": "", "text": "80 % band 2.96 to 3.48."},
                        {"strong": "98 % likely above the senior bar", "text": ", 2.80."},
                    ],
                },
                {
                    "label": "Agreement of the panel",
                    "value": "5 of 7",
                    "unit": "within one point",
                    "is_figure": True,
                    "lines": [{"strong": "", "text": "2 criteria were 2 or more apart."}],
                },
            ],
            "has_calibrated": True,
            "criteria": [_criterion(n, raw) for n, raw in enumerate(raws, 1)],
            "total": {**_criterion(1, 3.08), "name": "All criteria", "weight": "95 %"},
            "criteria_note": "Not observed: Owns the outcome (5 %), left out of the score.",
            "must_pass": [],
            "strengths_title": "Three strengths",
            "strengths": [
                _pick(
                    "Keeps data true: Shows the race",
                    "Two requests can read the same balance;"
                    " the second save wins and money appears.",
                    3,
                ),
                _pick(
                    "Shapes the data: Owns the shape",
                    "A refund is a row of its own, never a"
                    " negative payment; the ledger only grows.",
                    1,
                ),
                _pick(
                    "Assumes attack: Closes the class",
                    "Does atomic() alone stop this, or only make it all-or-nothing?",
                    4,
                ),
            ],
            "concerns_title": "Three concerns",
            "concerns": [
                _pick(
                    "Finds what is wrong: Misses critical",
                    "Names the lock order; adds no constraint and no test.",
                    2,
                    quoted=False,
                ),
                _pick(
                    "Judges the AI's answer: Takes it",
                    "A negative amount passes the check and moves money the other way.",
                    5,
                ),
                _pick(
                    "Owns the outcome was not seen",
                    "No exercise asked for it; 5 % of the weight is left out.",
                    7,
                    quoted=False,
                ),
            ],
            "facts": [
                {
                    "label": "Planted flaws found",
                    "strong": "6 of 8",
                    "text": ", all 3 critical ones. One decoy flagged.",
                },
                {
                    "label": "Work with AI",
                    "strong": "Used AI",
                    "text": " in 1 of 3 exercises, transcript handed in: 18 turns.",
                },
                {
                    "label": "Open for the next round",
                    "strong": "",
                    "text": "Owns the outcome: seen"
                    " by nobody. Finds what is wrong: the panel was 3 apart.",
                },
            ],
            "evidence_lead": "Every point was given before its interviewer could see the others."
            " Anchors: rubric Backend judgment v4.",
            "evidence": [_group(n, points) for n, points in enumerate([*POINTS, [2, 3, 3, 2]], 1)],
            "unseen": [],
            "notice": "",
            "reading": "The raw score is the weighted mean of the points as they stand. Calibrated"
            " means corrected for how strict each interviewer has been on other candidates. The"
            " band says how sure we are: the true value lies in it 8 times of 10. No number"
            " decides; a person does, with a reason.",
            "left_out": "Not included, because this preset is for deciding: the answer key, the"
            " candidate's whole work, the AI transcript.",
            "sources": "Rubric Backend judgment v4 · Ex. 1 Refunds v6 · Ex. 2 Money transfer v4 ·"
            " asked for by Ana Barić on 20 Nov 2026 15:04 UTC · document 7f3a 91c2 0be4",
        }
    )
