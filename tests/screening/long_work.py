"""Work as long as it gets: 1,500 lines with 120 comments, 60 tables, 80 turns with an AI.

`is_empty` makes the same pages with nothing in them, for who weighs one against the other.
"""

import argparse
import random
import uuid
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from exercises.models import ExerciseVersion, Flaw
from lib import autosave
from screening.actions import submissions as actions
from screening.models import Submission
from tests import factories
from tests.screening.candidate_world import DEVICE, world

LINES, COMMENTS, TABLES, TURNS, FLAWS = 1_500, 120, 60, 80, 10
WORDS = """
    the caller a lock two requests retry twice money is lost between read and write nobody checks
    this index slow query tenant leaks into another page cache stale after an update so readers see
    old prices I would move it below test for it first because rounding error token never expires
""".split()  # noqa: SIM905
# Real code, so that what is weighed compresses as real code does.
CODE = "".join(
    Path(argparse.__file__).read_text(encoding="utf-8").splitlines(keepends=True)[:LINES]
)


def prose(number: int, words: int = 24) -> str:
    made = random.Random(number).choices(WORDS, k=words)  # noqa: S311 (words of a test)
    return " ".join(made).capitalize() + "."


def entry(value: Any) -> dict[str, Any]:
    return {"v": value, "rev": 1, "op": "o", "at": "2026-11-20T10:00:00+00:00", "by": ""}


def comments(count: int = COMMENTS) -> dict[str, Any]:
    """Fields of a submission: comments of one to three lines all over the file."""
    every = LINES // max(1, count)
    severities = ("critical", "major", "minor", "question")
    return {
        f"comment:{uuid.UUID(int=n + 1)}": entry(
            {
                "file": "parser.py",
                "start": 3 + n * every,
                "end": 3 + n * every + n % 3,
                "severity": severities[n % 4],
                "category": ("security", "performance", "correctness")[n % 3],
                "text": prose(n),
            }
        )
        for n in range(count)
    }


def talk(turns: int = TURNS) -> str:
    return "\n\n".join(
        f"**{'AI' if n % 2 else 'You'}**: {prose(n, 90 if n % 2 else 30)}" for n in range(turns)
    )


def ddl(tables: int = TABLES) -> str:
    """Eight columns each; from the second on, two foreign keys to earlier tables."""
    pick = random.Random(4)  # noqa: S311 (a schema of a test)
    made = []
    for n in range(tables):
        keys = [
            f"  parent_{key} bigint NOT NULL REFERENCES table_{pick.randrange(n)},"
            for key in "ab"
            if n
        ]
        columns = "\n".join(
            (
                "  id bigint PRIMARY KEY,",
                *keys,
                "  name text NOT NULL,",
                "  state varchar(20) DEFAULT 'new',",
                "  price numeric(12, 2),",
                "  starts_at timestamptz NOT NULL,",
                "  is_done boolean NOT NULL DEFAULT false",
            )
        )
        made.append(f"CREATE TABLE table_{n} (\n{columns}\n);")
    return "\n\n".join(made)


def critique(*, is_empty: bool = False, **fields: Any) -> ExerciseVersion:
    version = factories.exercise_version("ai_code_review", **fields)
    text = "pass\n" if is_empty else CODE
    version.artefacts = [{"path": "parser.py", "text": text}]
    version.save()
    version.flaws.all().delete()
    for n in range(1 if is_empty else FLAWS):
        line = 1 + n * LINES // FLAWS
        Flaw.objects.create(
            version=version, slug=f"flaw-{n}", code=f"F{n + 1}", file="parser.py",
            lines=[[line, line + (not is_empty)]], severity="major", category="security",
            level="mid", title=prose(n, 6), harm=prose(n + 50), found_when=prose(n + 90),
            position=n,
        )  # fmt: skip
    return version


def begun(kind: str, *, is_empty: bool = False) -> SimpleNamespace:
    """A candidate at work on `code`, `schema` or `talk`, and the address of that work."""
    if kind == "schema":
        version = factories.exercise_version("data_model", ai_policy="none")
        fields = {"ddl": entry(ddl())}
    elif kind == "talk":
        version = critique(is_empty=True, ai_policy="transcript_required")
        fields = {"transcript": entry(talk())}
    else:
        version = critique(is_empty=is_empty, ai_policy="none")
        fields = comments()
    here = world(version=version, stages=1)
    opened = actions.open_link(secret=here.secret, device=DEVICE)
    actions.consent(invitation=opened)
    here.assignment = here.application.assignments.get()
    actions.start(invitation=opened, assignment=here.assignment)
    here.fields = {} if is_empty else fields
    Submission.objects.filter(assignment=here.assignment).update(fields=here.fields)
    here.version, here.opened = version, opened
    here.url = f"/w/{here.assignment.pk}/"
    return here


def judged(here: SimpleNamespace) -> str:
    """The same work handed in; the address of Chi's scorecard."""
    actions.hand_in(invitation=here.opened, assignment=here.assignment, no_ai=True)
    here.assignment.refresh_from_db()
    return f"/scorecards/{factories.scorecard(here.assignment, here.chi).pk}/"


def saved(here: SimpleNamespace) -> dict[str, Any]:
    return autosave.values(Submission.objects.get(assignment=here.assignment).fields)


class _Counter(HTMLParser):
    """Elements that a browser with the script would make of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0
        self._without: list[str] = []

    def handle_starttag(self, tag: str, _attrs: Any) -> None:
        self.count += not self._without
        if tag in {"noscript", "template"}:
            self._without.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._without and self._without[-1] == tag:
            self._without.pop()


def nodes(html: str) -> int:
    counter = _Counter()
    counter.feed(html)
    return counter.count
