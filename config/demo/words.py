"""What the demo's people say and which points they give; the same on every machine."""

import random
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import yaml
from django.conf import settings

from exercises.models import ExerciseVersion, Flaw
from screening.models import Assignment, Submission

POINTS = (1, 2, 3, 4)


@cache
def read(name: str) -> Any:
    path = settings.BASE_DIR / "fixtures" / "demo" / f"{name}.yaml"
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Person:
    """A candidate of the demo: how good, in what, and how far along."""

    code: str
    name: str
    state: str
    ability: float
    days: int
    strong: list[str] = field(default_factory=list)
    weak: list[str] = field(default_factory=list)

    def at(self, criterion: str) -> float:
        return self.ability + 0.55 * (criterion in self.strong) - 0.75 * (criterion in self.weak)

    def dice(self, *about: str) -> random.Random:
        """Chance that depends on nothing but whom and what it is about."""
        return random.Random("/".join((self.code, *about)))  # noqa: S311


def candidates() -> list[Person]:
    return [Person(**row) for row in read("people")["candidates"]]


def work(person: Person, version: ExerciseVersion) -> dict[str, Any]:
    """The autosave fields a candidate leaves: comments, words to the author, transcript."""
    words = read("work")[version.exercise.slug]
    fields: dict[str, Any] = {}
    for flaw in version.flaws.all():
        said = _comment(person, flaw, words)
        if said:
            number = len(fields) + 1
            fields[f"comment:{_uuid(person, version, number)}"] = said
    grade = "strong" if person.ability >= 3 else "fair" if person.ability >= 2.3 else "weak"
    fields["overall"] = words["overall"][grade]
    if "transcript" in words and person.ability >= 2.5:
        fields |= {"ai_used": "used", "transcript": words["transcript"]}
    else:
        fields["ai_used"] = "none"
    return fields


def _uuid(person: Person, version: ExerciseVersion, number: int) -> str:
    dice = person.dice(version.exercise.slug, str(number))
    text = f"{dice.getrandbits(128):032x}"
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-8{text[17:20]}-{text[20:]}"


def _comment(person: Person, flaw: Flaw, words: dict[str, Any]) -> dict[str, Any] | None:
    dice = person.dice(flaw.slug)
    first, last = flaw.lines[0]
    place = {"file": flaw.file, "start": first, "end": last}
    if flaw.is_decoy:
        said = words["decoys"].get(flaw.slug)
        return {**place, **said} if said and dice.random() > person.ability / 4 + 0.15 else None
    found = words["flaws"][flaw.slug]
    luck = person.at("finds_defects") + dice.gauss(0, 0.6) - (0.4 if flaw.is_contextual else 0)
    if luck < 2.0:
        return None
    severity = flaw.severity if luck > 2.6 else "major"
    text = found["sharp"] if luck > 2.5 else found["vague"]
    return {**place, "severity": severity, "category": found["category"], "text": text}


@dataclass(frozen=True)
class Judgement:
    """What an interviewer writes on a scorecard."""

    fields: dict[str, Any]


def judge(
    person: Person, assignment: Assignment, *, interviewer: str, severity: float
) -> Judgement:
    """Points around the candidate's ability, shifted by the interviewer's severity."""
    fields: dict[str, Any] = {}
    given = []
    quotes = _quotes(assignment)
    for criterion in assignment.criteria:
        dice = person.dice(str(assignment.position), criterion, interviewer)
        if dice.random() < 0.06:
            fields[f"point:{criterion}"] = "0"
            continue
        wanted = person.at(criterion) + severity + dice.gauss(0, 0.4)
        point = min(4, max(1, round(wanted)))
        given.append(point)
        fields[f"point:{criterion}"] = str(point)
        fields[f"evidence:{criterion}"] = dice.choice(read("evidence")[criterion][point])
        if quotes and dice.random() < 0.5:
            fields[f"quotes:{criterion}"] = [dice.choice(quotes)]
    fields |= _catches(assignment)
    mean = sum(given) / len(given) if given else 2.5
    names = {1: "strong_no", 2: "no", 3: "yes", 4: "strong_yes"}
    choice = names[min(4, max(1, round(mean + 0.1)))]
    fields["recommendation"] = choice
    dice = person.dice(str(assignment.position), interviewer)
    fields["summary"] = dice.choice(read("evidence")["summaries"][choice])
    return Judgement(fields)


def _quotes(assignment: Assignment) -> list[dict[str, str]]:
    submission = Submission.objects.filter(assignment=assignment).first()
    return [
        {
            "anchor": f"L{one['start']}"
            if one["start"] == one["end"]
            else f"L{one['start']}–{one['end']}",
            "text": one["text"],
        }
        for one in (submission.comments if submission else [])
    ]


def _catches(assignment: Assignment) -> dict[str, str]:
    """Flaws the candidate commented on are found, those hinted at partly, the rest missed."""
    submission = Submission.objects.filter(assignment=assignment).first()
    if submission is None or assignment.exercise_version is None:
        return {}
    places = {(one["file"], one["start"]): one["text"] for one in submission.comments}
    found = {}
    for flaw in assignment.exercise_version.flaws.filter(is_decoy=False):
        text = places.get((flaw.file, flaw.lines[0][0]))
        found[f"flaw:{flaw.slug}"] = (
            "missed" if text is None else "found" if len(text) > 60 else "partly"
        )
    return found
