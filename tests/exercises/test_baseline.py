"""The one line of a baseline that the library shows, in the words it is written in."""

from datetime import date
from pathlib import Path

import pytest
from django.conf import settings

from exercises.baseline import Baseline, read_baseline


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Found 7 of 9, partly 1, false alarms 2. 2026-11-28.\n\n# More",
            Baseline(7, 9, 1, 2, date(2026, 11, 28)),
        ),
        (
            "# Baseline, 2026-11-21\n\nOne run.\n\nFound 8, partly 1, missed 2. And so on.",
            Baseline(8, 11, 1, None, date(2026, 11, 21)),
        ),
        (
            "2026-11-21\nMet 10 of 11, 33 of 35 by weight.",
            Baseline(10, 11, 0, None, date(2026, 11, 21)),
        ),
        ("found 3 of 5, 1 false alarm", Baseline(3, 5, 0, 1, None)),
        ("Found 3 of 5. 2026-13-77.", Baseline(3, 5)),
    ],
)
def test_what_it_says(text: str, expected: Baseline) -> None:
    assert read_baseline(text) == expected


@pytest.mark.parametrize(
    "text", ["", "We found much.", "Found 9 of 7.", "Found 0 of 0.", "Found 5 of 6, partly 3."]
)
def test_who_says_nothing_that_can_be_has_no_line(text: str) -> None:
    assert read_baseline(text) is None


def test_every_exercise_of_the_library_says_it() -> None:
    for file in sorted(Path(settings.LIBRARY_DIR).glob("exercises/*/baseline.md")):
        assert read_baseline(file.read_text(encoding="utf-8")), file.parent.name
