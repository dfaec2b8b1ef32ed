"""The sentences beside the numbers, the same on page, PDF and API."""

from collections.abc import Sequence
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rubrics import scoring

#: Severities smaller than this round to no difference anybody would name.
TOLD_FROM = Decimal("0.05")


def two(value: float | Decimal) -> Decimal:
    """A number of the calibration with 2 places; its six digits are read as a decimal, so that a
    tie is seen as one."""
    return scoring.rounded(Decimal(str(value)))


def percent(probability: float) -> str:
    """A probability in whole percent between 1 and 99, else in words."""
    if probability > 0.99:
        return _("over 99 %")
    if probability < 0.01:
        return _("under 1 %")
    return _("%(n)s %%") % {"n": scoring.rounded(Decimal(str(probability)) * 100, 0)}


def reads_as(margin: Decimal | None) -> str:
    if margin is None:
        return ""
    if margin > 0:
        return _("above the bar")
    return _("below the bar") if margin < 0 else _("at the bar")


def levels(readings: Sequence[scoring.LevelReading]) -> str:
    """Own level first, then those above and below: "Meets mid (2.60) by 0.31; 0.40 short of …"."""
    said = [_level(reading) for reading in readings]
    text = "; ".join(words for words in said if words)
    return f"{text[0].upper()}{text[1:]}." if text else ""


def _level(reading: scoring.LevelReading) -> str:
    if reading.margin is None or reading.bar is None:
        return ""
    words = {"level": reading.label, "bar": reading.bar.value, "by": abs(reading.margin)}
    if reading.margin > 0:
        return _("meets %(level)s (%(bar)s) by %(by)s") % words
    if reading.margin < 0:
        return _("%(by)s short of %(level)s (%(bar)s)") % words
    return _("exactly at the %(level)s bar (%(bar)s)") % words


def must_pass(name: str, mean: Decimal, bar: Decimal) -> str:
    return _("%(name)s must be passed: %(mean)s is below its bar of %(bar)s.") % {
        "name": name,
        "mean": mean,
        "bar": bar.normalize(),
    }


def severity(name: str, value: Decimal, n: int) -> str:
    """How strict somebody is beside the panel, with the number of scorecards that say so."""
    words = {"name": name, "by": abs(value), "n": n}
    if abs(value) < TOLD_FROM:
        return _("%(name)s is as strict as the panel (n = %(n)s)") % words
    if value < 0:
        return _("%(name)s is %(by)s stricter than the panel (n = %(n)s)") % words
    return _("%(name)s is %(by)s more lenient than the panel (n = %(n)s)") % words


def differs(told: Sequence[tuple[str, Decimal, int]]) -> str:
    """Why the calibrated score is not the raw one: its interviewers, the strongest first."""
    strong = [row for row in told if abs(row[1]) >= TOLD_FROM]
    if not strong:
        return _(
            "Its interviewers are about as strict as the panel. The exercises and the few "
            "scorecards move the score a little towards the others."
        )
    return "; ".join(severity(*row) for row in strong) + "."


def above_bar(likely: str, level: str) -> str:
    return _("%(likely)s likely above the %(level)s bar.") % {
        "likely": likely[:1].upper() + likely[1:],
        "level": level,
    }


def above(likely: str, first: str, second: str) -> str:
    return _("%(likely)s likely that %(first)s is really above %(second)s.") % {
        "likely": likely[:1].upper() + likely[1:],
        "first": first,
        "second": second,
    }


def waits(missing: int) -> str:
    return ngettext(
        "%d scorecard is still out; the calibrated score waits for it.",
        "%d scorecards are still out; the calibrated score waits for them.",
        missing,
    ) % (missing)
