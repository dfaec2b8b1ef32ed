"""When a calibrated score may be shown, and the sentence that stands there instead.

Source: the method page, "When a number may be shown". The first failing check speaks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from rubrics.calibration.model import linked_sets
from rubrics.calibration.records import Application, Gate, Point
from rubrics.scoring import TOO_LITTLE, RawResult

COVERAGE = "coverage"
OWN = "own"
LINKED = "linked"
COMPONENT = "component"
INTERVIEWER = "interviewer"
SPREAD = "spread"

ONE_INTERVIEWER = "Only one interviewer has scored this; a second makes it comparable."
NO_SPREAD = "Within each criterion and level all points are equal; there is nothing to calibrate."


@dataclass(frozen=True, slots=True)
class Shut:
    """A failed check and the sentence said in place of a calibrated score."""

    check: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Component:
    """Interviewers linked by rating the same applications or exemplars; ids sorted."""

    interviewers: tuple[str, ...]
    applications: tuple[str, ...]
    exemplars: tuple[str, ...]
    scorecards: int


@dataclass(frozen=True, slots=True)
class Tally:
    """Who scored what: cards per interviewer and per exercise, cards and raters per subject."""

    components: tuple[Component, ...]
    interviewer_component: Mapping[str, int]
    subject_component: Mapping[str, int]
    cards_of_interviewer: Mapping[str, int]
    cards_of_exercise: Mapping[str, int]
    cards_of_subject: Mapping[str, int]
    interviewers_of: Mapping[str, tuple[str, ...]]


def tally(points: Sequence[Point], applications: Mapping[str, Application]) -> Tally:
    """Counts the points by scorecard; components are numbered by their first interviewer's id."""
    cards = {p.scorecard: (p.interviewer, p.subject, p.exercise) for p in points}
    raters: dict[str, set[str]] = {}
    by_interviewer: dict[str, int] = {}
    by_exercise: dict[str, int] = {}
    by_subject: dict[str, int] = {}
    for interviewer, subject, exercise in cards.values():
        raters.setdefault(subject, set()).add(interviewer)
        by_interviewer[interviewer] = by_interviewer.get(interviewer, 0) + 1
        by_exercise[exercise] = by_exercise.get(exercise, 0) + 1
        by_subject[subject] = by_subject.get(subject, 0) + 1
    pairs = sorted({(interviewer, subject) for interviewer, subject, _ in cards.values()})
    interviewers, subjects = linked_sets(pairs)
    return Tally(
        components=_components(interviewers, subjects, applications, by_interviewer),
        interviewer_component=interviewers,
        subject_component=subjects,
        cards_of_interviewer=by_interviewer,
        cards_of_exercise=by_exercise,
        cards_of_subject=by_subject,
        interviewers_of={s: tuple(sorted(r)) for s, r in raters.items()},
    )


def _components(
    interviewers: Mapping[str, int],
    subjects: Mapping[str, int],
    applications: Mapping[str, Application],
    cards: Mapping[str, int],
) -> tuple[Component, ...]:
    count = max(interviewers.values(), default=-1) + 1
    people: list[list[str]] = [[] for _ in range(count)]
    rated: list[list[str]] = [[] for _ in range(count)]
    exemplars: list[list[str]] = [[] for _ in range(count)]
    for interviewer, number in sorted(interviewers.items()):
        people[number].append(interviewer)
    for subject, number in sorted(subjects.items()):
        (rated if subject in applications else exemplars)[number].append(subject)
    return tuple(
        Component(tuple(p), tuple(a), tuple(e), sum(cards[i] for i in p))
        for p, a, e in zip(people, rated, exemplars, strict=True)
    )


def shut(
    application: Application,
    *,
    raw: RawResult,
    counts: Tally,
    gate: Gate,
    labels: Mapping[str, str],
    has_spread: bool,
) -> Shut | None:
    """The first check this application fails, or None: its calibrated score may be shown."""
    if raw.score is None or raw.coverage < Fraction(gate.floor):
        return Shut(COVERAGE, TOO_LITTLE)
    own = counts.interviewers_of.get(application.id, ())
    cards = counts.cards_of_subject.get(application.id, 0)
    if cards < gate.own_scorecards or len(own) < gate.own_interviewers:
        return Shut(OWN, ONE_INTERVIEWER)
    component = counts.components[counts.subject_component[application.id]]
    if missing := _missing(component, gate):
        if len(counts.components) > 1:
            return Shut(LINKED, _unlinked(component, labels))
        return Shut(COMPONENT, missing)
    if unknown := _unknown(own, counts, gate, labels):
        return Shut(INTERVIEWER, unknown)
    return None if has_spread else Shut(SPREAD, NO_SPREAD)


def _missing(component: Component, gate: Gate) -> str:
    for has, needed, noun in (
        (component.scorecards, gate.scorecards, "scorecards"),
        (len(component.interviewers), gate.interviewers, "interviewers"),
        (len(component.applications), gate.candidates, "candidates"),
    ):
        if has < needed:
            return f"{has} of {needed} {noun} needed."
    return ""


def _unlinked(component: Component, labels: Mapping[str, str]) -> str:
    names = sorted(labels.get(i, i) for i in component.interviewers)
    if len(names) > 3:
        who = f"These {len(names)} interviewers share"
    elif len(names) == 1:
        who = f"{names[0]} shares"
    else:
        who = f"{', '.join(names[:-1])} and {names[-1]} share"
    return (
        f"{who} no candidate or exemplar with the others. "
        "One shared exemplar packet would link them."
    )


def _unknown(
    interviewers: Sequence[str], counts: Tally, gate: Gate, labels: Mapping[str, str]
) -> str:
    needed = gate.interviewer_scorecards
    few = [i for i in interviewers if counts.cards_of_interviewer[i] < needed]
    if not few:
        return ""
    first = min(few, key=lambda i: (labels.get(i, i), i))
    has = counts.cards_of_interviewer[first]
    noun = "scorecard" if has == 1 else "scorecards"
    return (
        f"{labels.get(first, first)} has {has} {noun}; "
        f"{needed} are needed before their severity can be judged."
    )
