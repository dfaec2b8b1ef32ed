"""The head of a baseline.md: what an assistant found that had only the brief and the artefacts.

Pure of Django. The line to write is `Found 7 of 9, partly 1, false alarms 2. 2026-11-28.`; older
files say it in other words, and who says nothing has no line.
"""

import re
from dataclasses import dataclass
from datetime import date

HEAD = 8_000

_of = re.compile(r"\b(?:found|met) (\d+) of (\d+)\b", re.IGNORECASE)
_sum = re.compile(r"\bfound (\d+), partly (\d+), missed (\d+)\b", re.IGNORECASE)
_partly = re.compile(r"\bpartly (\d+)\b", re.IGNORECASE)
_alarms = re.compile(r"\bfalse alarms:? (\d+)\b|\b(\d+) false alarms?\b", re.IGNORECASE)
_day = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")


@dataclass(frozen=True)
class Baseline:
    found: int
    of: int
    partly: int = 0
    false_alarms: int | None = None
    on: date | None = None


def read_baseline(text: str) -> Baseline | None:
    """The first line that counts; None if there is none, or if it cannot be."""
    head = text[:HEAD]
    line = next((line for line in head.splitlines() if _of.search(line) or _sum.search(line)), "")
    if whole := _of.search(line):
        found, of = int(whole[1]), int(whole[2])
    elif parts := _sum.search(line):
        found, of = int(parts[1]), sum(int(number) for number in parts.groups())
    else:
        return None
    partly = _partly.search(line)
    alarms = _alarms.search(line)
    made = Baseline(
        found=found,
        of=of,
        partly=int(partly[1]) if partly else 0,
        false_alarms=int(alarms[1] or alarms[2]) if alarms else None,
        on=_date(line) or _date(head),
    )
    return made if 0 < made.of < 1_000 and made.found + made.partly <= made.of else None


def _date(text: str) -> date | None:
    match = _day.search(text)
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None
