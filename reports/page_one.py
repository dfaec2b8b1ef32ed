"""Page 1, the one that decides: verdict, criteria against the bar, strengths, concerns, facts."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from exercises.models import Severity
from reports.evidence import Groups, notes, plain, ratings, whole
from reports.sources import Source
from screening.models import Decision, Rating, Scorecard
from screening.queries.results import Calibrated, CriterionRow, Result
from screening.queries.transcripts import turns

PICKS = 3
LONGEST_NAME = 26
LONGEST_QUOTE = 150


def facts(source: Source, groups: Groups) -> dict[str, Any]:
    result = source.result
    strong, weak = _chosen(source)
    return {
        "verdict": [_decision(source), _score(result), _agreement(result)],
        "has_calibrated": result.calibrated is not None,
        "criteria": [_criterion(row) for row in result.criteria],
        "total": _total(result),
        "criteria_note": _note(result),
        "must_pass": list(result.must_pass),
        "strengths_title": _titled(len(strong), _("Three strengths"), _("Strengths")),
        "strengths": [_pick(source, row, groups, best=True) for row in strong]
        or [_words(_("None with evidence"), _("No criterion reached its bar with evidence."))],
        "concerns_title": _titled(len(weak), _("Three concerns"), _("Concerns")),
        "concerns": [_pick(source, row, groups, best=False) for row in weak]
        or [_words(_("None"), _("Every criterion was seen, and none below its bar."))],
        "facts": [_flaws(source), _ai(source), _open(result)],
    }


def _cell(
    label: str, value: str, lines: Sequence[tuple[str, str]], *, unit: str = ""
) -> dict[str, Any]:
    return {
        "label": label,
        "value": value,
        "unit": unit,
        "is_figure": len(value) < 18,
        "lines": [{"strong": strong, "text": text} for strong, text in lines],
    }


def _decision(source: Source) -> dict[str, Any]:
    said = ", ".join(f"{n} {label.lower()}" for label, n in reversed(source.result.recommendations))
    decision: Decision | None = source.decision
    if decision is None:
        return _cell(
            _("Recommendation of the panel"),
            said or _("None"),
            [("", _("Not decided yet: a person decides, with a reason."))],
        )
    day = date_format(timezone.localtime(decision.created_at), "j M Y")
    made = _("Decided on %(day)s by %(who)s: %(why)s") % {
        "day": day,
        "who": plain(decision.by.name, 60),
        "why": plain(decision.reason, 110),
    }
    return _cell(
        _("Decision"),
        str(decision.get_outcome_display()),
        [("", _("%(said)s. %(made)s") % {"said": said.capitalize(), "made": made})],
    )


def _score(result: Result) -> dict[str, Any]:
    level = result.level.lower()
    bar = _("%(level)s bar, %(bar)s") % {"level": level, "bar": result.bar}
    if result.calibrated:
        low, high = result.calibrated.band_80
        lines = [
            (
                "",
                _("80 %% band %(low)s to %(high)s. Raw %(raw)s.")
                % {"low": low, "high": high, "raw": result.raw},
            )
        ]
        if result.above_bar:
            likely = f"{result.above_bar[:1].upper()}{result.above_bar[1:]}"
            said = _("%(likely)s likely above the %(level)s bar")
            lines.append((said % {"likely": likely, "level": level}, f", {result.bar}."))
        return _cell(_("Calibrated score"), str(result.calibrated.value), lines, unit=_("of 4"))
    if result.raw is None:
        return _cell(_("Score"), _("No score"), [("", result.why_no_raw)])
    reads = f"{result.reads_as[:1].upper()}{result.reads_as[1:]}"
    return _cell(
        _("Raw score"),
        str(result.raw),
        [
            (reads, _(" (%(bar)s).") % {"bar": bar}),
            ("", _("Not calibrated: %(why)s") % {"why": result.why_not}),
        ],
        unit=_("of 4"),
    )


def _agreement(result: Result) -> dict[str, Any]:
    label = _("Agreement of the panel")
    if not result.compared:
        text = _("A second interviewer on the same criteria makes the points comparable.")
        return _cell(label, _("Nothing to compare"), [("", text)])
    value = _("%(n)d of %(m)d") % {"n": result.within_one, "m": result.compared}
    apart = [_short(row) for row in result.criteria if (row.spread or 0) >= 2]
    text = _("All points on a criterion lie next to each other.")
    if apart:
        text = _("2 or more apart: %(names)s.") % {"names": ", ".join(apart)}
    return _cell(label, value, [("", text)], unit=_("within one point"))


def _short(row: CriterionRow) -> str:
    return row.name if len(row.name) <= LONGEST_NAME else str(row.criterion.short_name)


def _marks(
    mean: Decimal | None, bar: Decimal | None, calibrated: Calibrated | None
) -> dict[str, Any]:
    made: dict[str, Any] = {
        "raw": None if mean is None else float(mean),
        "bar": None if bar is None else float(bar),
        "calibrated": None,
    }
    if calibrated:
        made["calibrated"] = float(calibrated.value)
        for name in ("band_95", "band_80", "band_50"):
            made[name] = [float(end) for end in getattr(calibrated, name)]
    return made


def _criterion(row: CriterionRow) -> dict[str, Any]:
    calibrated = row.calibrated
    return {
        "name": _short(row),
        "weight": _("%(n)s %%") % {"n": row.weight_percent},
        "calibrated": str(calibrated.value) if calibrated else "",
        "raw": str(row.mean) if row.mean is not None else "–",
        "bar": whole(row.bar),
        "reads": row.reads_as or _("not observed"),
        "marks": _marks(row.mean, row.bar, calibrated),
    }


def _total(result: Result) -> dict[str, Any]:
    return {
        "name": _("All criteria"),
        "weight": _("%(n)s %%") % {"n": result.coverage_percent},
        "calibrated": str(result.calibrated.value) if result.calibrated else "",
        "raw": str(result.raw) if result.raw is not None else "–",
        "bar": str(result.bar) if result.bar is not None else "–",
        "reads": result.reads_as or _("no score"),
        "marks": _marks(result.raw, result.bar, result.calibrated),
    }


def _note(result: Result) -> str:
    unseen = [f"{_short(row)} ({row.weight_percent} %)" for row in result.unobserved]
    if not unseen:
        return ""
    return _("Not observed: %(names)s, left out of the score.") % {"names": ", ".join(unseen)}


def _titled(count: int, three: str, other: str) -> str:
    return three if count == PICKS else other


def _chosen(source: Source) -> tuple[list[CriterionRow], list[CriterionRow]]:
    """The rows furthest above the bar that have evidence, and what speaks against."""
    rows = source.result.criteria
    above = [row for row in rows if _margin(row) >= 0 and _best(source, row.key, best=True)]
    strong = sorted(above, key=lambda row: (-_margin(row), -row.weight))[:PICKS]
    rest = [row for row in rows if row not in strong]
    below = [row for row in rest if row.mean is not None and _lowest(row) < (row.bar or 0)]
    below.sort(key=lambda row: (not row.must_pass_words, _margin(row), -row.weight))
    unseen = sorted((row for row in rest if row.mean is None), key=lambda row: -row.weight)
    return strong, [*below, *unseen][:PICKS]


def _margin(row: CriterionRow) -> Decimal:
    return row.mean - row.bar if row.mean is not None and row.bar is not None else Decimal(-9)


def _lowest(row: CriterionRow) -> int:
    return min(point for _user, point in row.points)


def _best(source: Source, key: str, *, best: bool) -> tuple[Scorecard, Rating] | None:
    """The highest (or lowest) point on the criterion; among equals one that quotes."""
    given = [
        (card, rating)
        for card, rating in ratings(source, key)
        if rating.point and not card.is_abstention and (not best or notes(source, card, rating))
    ]
    sign = -1 if best else 1
    return min(
        given,
        key=lambda pair: (
            sign * (pair[1].point or 0),
            not pair[1].quotes,
            not pair[1].evidence,
        ),
        default=None,
    )


def _words(title: str, text: str) -> dict[str, Any]:
    return {"title": title, "text": text, "quoted": False, "anchor": "", "by": "", "number": None}


def _pick(source: Source, row: CriterionRow, groups: Groups, *, best: bool) -> dict[str, Any]:
    chosen = _best(source, row.key, best=best)
    if row.mean is None or chosen is None:
        text = _("No point was given; %(n)s %% of the weight is left out of the score.") % {
            "n": row.weight_percent
        }
        return _words(_("%(name)s was not seen") % {"name": row.name}, text)
    card, rating = chosen
    found = notes(source, card, rating)
    nothing: dict[str, Any] = {"text": _("No evidence was noted."), "quoted": False}
    note = found[0] if found else nothing
    same = [
        other.interviewer.initials
        for other, given in ratings(source, row.key)
        if given.point == rating.point
    ]
    return {
        "title": f"{row.name}: {plain(rating.anchor_title)}",
        "text": plain(note["text"], LONGEST_QUOTE),
        "quoted": note["quoted"],
        "anchor": note.get("anchor", ""),
        "by": ", ".join(dict.fromkeys(same)),
        "number": groups.numbers.get(row.key),
    }


def _fact(label: str, strong: str, text: str) -> dict[str, str]:
    return {"label": label, "strong": strong, "text": text}


def _flaws(source: Source) -> dict[str, str]:
    label = _("Planted flaws found")
    flaws = source.result.flaws
    if not flaws:
        return _fact(label, _("None were planted"), _(" or ticked in these exercises."))
    critical = [flaw for flaw in flaws if flaw.severity == Severity.CRITICAL]
    found = sum(flaw.is_found for flaw in critical)
    text = _(", %(n)d of %(m)d critical.") % {"n": found, "m": len(critical)} if critical else "."
    decoys = _decoys(source)
    if decoys:
        text += ngettext(" %(n)d decoy was flagged.", " %(n)d decoys were flagged.", decoys) % {
            "n": decoys
        }
    missed = [flaw.code for flaw in critical if not flaw.is_found]
    if missed:
        text += _(" Missed: %(codes)s.") % {"codes": ", ".join(missed)}
    strong = _("%(n)d of %(m)d") % {"n": source.result.flaws_found, "m": len(flaws)}
    return _fact(label, strong, text)


def _decoys(source: Source) -> int:
    """Decoys that most of those who ticked them say the candidate flagged."""
    ticks: dict[tuple[Any, str], list[str]] = {}
    for card in source.scorecards:
        for slug in source.decoys.get(card.assignment_id, ()):
            if slug in card.flaws and not card.is_abstention:
                ticks.setdefault((card.assignment_id, slug), []).append(card.flaws[slug])
    return sum(said.count("found") * 2 > len(said) for said in ticks.values())


def _ai(source: Source) -> dict[str, str]:
    label = _("Work with AI")
    works = [a.submission for a in source.assignments if hasattr(a, "submission")]
    used = [w for w in works if w.value("ai_used") == "used" or w.value("transcript")]
    if used:
        said = [turn.text for w in used for turn in turns(str(w.value("transcript") or ""))]
        words = sum(len(text.split()) for text in said)
        strong = _("Used in %(n)d of %(m)d") % {"n": len(used), "m": len(works)}
        text = _(" exercises; no transcript handed in.")
        if words:
            text = _(" exercises; transcript of %(n)d words handed in.") % {"n": words}
        return _fact(label, strong, text)
    if any(w.value("ai_used") == "none" for w in works):
        return _fact(label, _("None"), _(", as the candidate stated."))
    return _fact(label, "", _("Not stated."))


def _open(result: Result) -> dict[str, str]:
    label = _("Open for the next round")
    said = []
    unseen = [*result.unobserved, *result.gaps]
    if unseen:
        names = ", ".join(str(row.criterion.short_name) for row in unseen[:4])
        more = len(unseen) - 4
        names += _(" and %(n)d more") % {"n": more} if more > 0 else ""
        said.append(_("Not seen: %(names)s.") % {"names": names})
    apart = [str(r.criterion.short_name) for r in result.criteria if (r.spread or 0) >= 2]
    if apart:
        said.append(_("A third look: %(names)s.") % {"names": ", ".join(apart[:3])})
    if not said:
        said.append(_("Nothing: all was seen, and the panel agrees within one point."))
    return _fact(label, "", " ".join(said))
