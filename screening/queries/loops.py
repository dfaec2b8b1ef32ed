"""What the loop builder shows: stages, what they look at, and what to mend before publishing."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from typing import Any

import yaml
from django.conf import settings
from django.db import models
from django.db.models import Count, QuerySet
from django.db.models.functions import Cast
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from candidates.models import TeamMember, TeamRole
from exercises.models import ExerciseVersion
from rubrics.models import Criterion, CriterionLevel
from rubrics.scoring import rounded
from screening.models import Loop, LoopStatus, Mode, Stage

POINTS = 4


def percent(share: Fraction) -> str:
    return f"{rounded(share * 100, 0)} %"


def times(looks: int) -> str:
    if looks == 0:
        return _("nowhere")
    return _("once") if looks == 1 else ngettext("%d time", "%d times", looks) % looks


@dataclass(frozen=True)
class Noise:
    """A criterion in the opening that sounds precise and predicts little."""

    name: str
    words: str
    why: str
    ask_instead: str


@dataclass(frozen=True)
class Check:
    """One line before publishing: `kind` is good, warn or bad (bad keeps it from publishing)."""

    kind: str
    fact: str
    detail: str = ""
    why: str = ""
    url_name: str = ""


@dataclass(frozen=True)
class CoverageRow:
    name: str
    short_name: str
    share: Fraction
    bar: int | None
    dots: Sequence[bool]

    @property
    def looks(self) -> int:
        return sum(self.dots)

    @property
    def words(self) -> str:
        return times(self.looks)

    @property
    def weight(self) -> str:
        return percent(self.share)


@dataclass
class Builder:
    """A loop with all its page needs; read at a constant number of queries."""

    loop: Loop
    stages: list[Stage]
    coverage: list[CoverageRow]
    skills: list[tuple[str, int]]
    team: list[TeamMember]
    newer: dict[Any, ExerciseVersion]
    checks: list[Check] = field(default_factory=list)
    noise: list[Noise] = field(default_factory=list)

    @property
    def home_minutes(self) -> int:
        return sum(stage.minutes for stage in self.stages if stage.mode == Mode.TAKE_HOME)

    @property
    def live_minutes(self) -> int:
        return sum(stage.minutes for stage in self.stages if stage.mode == Mode.LIVE)

    @property
    def interviewers(self) -> list[User]:
        return [member.user for member in self.team if member.role == TeamRole.INTERVIEWER]

    @property
    def covered(self) -> str:
        return percent(sum((row.share for row in self.coverage if row.looks), Fraction(0)))

    @property
    def looked_at(self) -> int:
        return sum(1 for row in self.coverage if row.looks)

    @property
    def warnings(self) -> list[Check]:
        return [check for check in self.checks if check.kind != "good"]

    @property
    def passes(self) -> list[Check]:
        return [check for check in self.checks if check.kind == "good"]

    @property
    def skill_words(self) -> list[tuple[str, str]]:
        return [(name, times(looks)) for name, looks in self.skills]

    @property
    def per_stage(self) -> list[int]:
        return [len(stage.criteria) for stage in self.stages]

    @property
    def can_publish(self) -> bool:
        return bool(self.stages) and not any(check.kind == "bad" for check in self.checks)

    @property
    def is_draft(self) -> bool:
        return self.loop.status == LoopStatus.DRAFT


@cache
def _patterns() -> list[tuple[re.Pattern[str], dict[str, str]]]:
    text = (settings.LIBRARY_DIR / "noise.yaml").read_text(encoding="utf-8")
    return [
        (re.compile(" ".join(entry["regex"].split()), re.IGNORECASE), entry)
        for entry in yaml.safe_load(text)["patterns"]
    ]


def noise_in(requirements: str) -> list[Noise]:
    """Noise criteria in a recruiter's text: hints with a better question, never a block."""
    found = []
    for pattern, entry in _patterns():
        if hit := pattern.search(requirements):
            found.append(
                Noise(
                    name=entry["name"],
                    words=re.sub(r"[\s,;/&]*\b(?:and)?\s*$", "", hit.group(0)).strip(),
                    why=" ".join(entry["why"].split()),
                    ask_instead=" ".join(entry["ask_instead"].split()),
                )
            )
    return found


def _standards(loop: Loop, criteria: list[Criterion]) -> dict[str, tuple[Fraction, int | None]]:
    rows = CriterionLevel.objects.filter(
        criterion__version=loop.rubric_version_id, level=loop.job.level_id
    ).values_list("criterion__key", "weight", "bar")
    found = {key: (Fraction(weight), bar) for key, weight, bar in rows}
    total = sum((weight for weight, _bar in found.values()), Fraction(0)) or Fraction(1)
    nothing: tuple[Fraction, int | None] = (Fraction(0), None)
    return {
        criterion.key: (
            found.get(criterion.key, nothing)[0] / total,
            found.get(criterion.key, nothing)[1],
        )
        for criterion in criteria
    }


def _stage_checks(builder: Builder) -> list[Check]:
    found = []
    team = len(builder.interviewers)
    for number, stage in enumerate(builder.stages, start=1):
        if stage.mode == Mode.TAKE_HOME and stage.exercise_version_id is None:
            fact = _("Stage %(n)d has no exercise") % {"n": number}
            found.append(Check("bad", fact, _("Choose one, or make the stage live.")))
        if not stage.criteria:
            fact = _("Stage %(n)d shows no criterion") % {"n": number}
            found.append(Check("bad", fact, _("Choose up to six.")))
        if stage.interviewers_needed > team:
            fact = _("Stage %(n)d has %(have)d of %(need)d interviewers") % {
                "n": number,
                "have": team,
                "need": stage.interviewers_needed,
            }
            detail = _("One opinion cannot be calibrated.") if team < 2 else _("Ask one more.")
            found.append(Check("warn", fact, detail, url_name="job"))
    return found


def _coverage_checks(builder: Builder) -> list[Check]:
    found = [
        Check(
            "warn",
            _("%(name)s is not looked at") % {"name": row.name},
            _("%(share)s of the weight has no stage. Add one, or set the weight to 0.")
            % {"share": row.weight},
        )
        for row in builder.coverage
        if not row.looks and row.share
    ]
    once = [row for row in builder.coverage if row.looks == 1 and row.share]
    if once:
        names = ", ".join(row.short_name for row in once)
        found.append(
            Check(
                "warn",
                ngettext(
                    "%d criterion is looked at once", "%d criteria are looked at once", len(once)
                )
                % len(once),
                _("%(names)s. Fine for a short loop; the band will be wider.") % {"names": names},
                why=_(
                    "A second, independent look tells a weak moment from a weak spot. With one, "
                    "the interviewer's and the exercise's own severity stay in the score."
                ),
            )
        )
    elif builder.coverage and not found and builder.stages:
        found.append(Check("good", _("Every criterion is looked at twice or more")))
    return found


def _time_check(builder: Builder) -> Check:
    minutes, limit = builder.home_minutes, builder.loop.max_minutes
    values = {"minutes": minutes, "limit": limit}
    if minutes > limit:
        return Check(
            "warn",
            _("%(minutes)d min for the candidate at home, limit %(limit)d") % values,
            _("Drop a stage or shorten one: good people stop here."),
        )
    return Check("good", _("%(minutes)d min for the candidate at home, limit %(limit)d") % values)


def _anchor_check(loop: Loop) -> Check:
    lacking = (
        Criterion.objects.filter(version=loop.rubric_version_id)
        .annotate(points=Count("anchors__point", distinct=True))
        .filter(points__lt=POINTS)
        .count()
    )
    if lacking:
        fact = ngettext("%d criterion lacks anchors", "%d criteria lack anchors", lacking) % lacking
        return Check("warn", fact, _("Without them a 3 means something else to everybody."))
    return Check("good", _("Every criterion has 4 anchors"))


def _checks(builder: Builder) -> list[Check]:
    if not builder.stages:
        return [
            Check(
                "bad",
                _("No stage yet"),
                _("Add at least one from the library; the checks follow as you build."),
            )
        ]
    found = [*_stage_checks(builder), *_coverage_checks(builder)]
    found += [_time_check(builder), _anchor_check(builder.loop)]
    order = {"bad": 0, "warn": 1, "good": 2}
    return sorted(found, key=lambda check: order[check.kind])


def _newer_versions(stages: list[Stage]) -> dict[Any, ExerciseVersion]:
    pinned = {s.exercise_version.exercise_id: s for s in stages if s.exercise_version}
    latest = ExerciseVersion.objects.latest().filter(exercise__in=pinned).defer("artefacts")
    return {
        pinned[version.exercise_id].pk: version
        for version in latest
        if version.pk != pinned[version.exercise_id].exercise_version_id
    }


def builder_of(loop: Loop) -> Builder:
    """The loop as its builder shows it."""
    stages = list(
        loop.stages.select_related("exercise_version__exercise").order_by("position", "id")
    )
    criteria = list(loop.rubric_version.criteria.select_related("skill").order_by("position"))
    standards = _standards(loop, criteria)
    newer = _newer_versions(stages)
    looks: dict[str, int] = {}
    coverage = []
    for criterion in criteria:
        dots = [criterion.key in stage.criteria for stage in stages]
        share, bar = standards[criterion.key]
        coverage.append(CoverageRow(criterion.name, criterion.short_name, share, bar, dots))
        looks[criterion.skill.name] = looks.get(criterion.skill.name, 0) + sum(dots)
    for stage in stages:
        stage.newer = newer.get(stage.pk)  # type: ignore[attr-defined]
    team = list(TeamMember.objects.filter(job=loop.job_id).select_related("user"))
    builder = Builder(
        loop=loop,
        stages=stages,
        coverage=coverage,
        skills=sorted(looks.items(), key=lambda item: item[1]),
        team=team,
        newer=newer,
    )
    builder.checks = _checks(builder)
    builder.noise = noise_in(loop.job.requirements)
    return builder


def library(*, words: str = "", kind: str = "", level: str = "") -> QuerySet[ExerciseVersion]:
    """The newest published exercises, for choosing one."""
    found = ExerciseVersion.objects.latest().select_related("exercise").defer("artefacts")
    if words:
        found = found.filter(title__icontains=words)
    if kind:
        found = found.filter(kind=kind)
    if level:
        # SQLite cannot look into a JSON list; the quotes keep "mid" out of "midlevel".
        text = Cast("levels", models.TextField())
        found = found.annotate(level_text=text).filter(level_text__contains=f'"{level}"')
    return found.order_by("title", "pk")
