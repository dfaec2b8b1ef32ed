"""The forest of `lib.charts` for a page: one SVG per table row, in percent, so that it fills its
column while dots stay round. Colours come from the style sheet; the rows touch, so the bar is one
line. Classes: band-95 band-80 band-50 mean raw bar-line bob grid.
"""

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from lib.charts import ForestRow, Number, forest_sentence

LOW, HIGH = 1, 4
INSET = 3.0
MIDDLE, HEIGHT = 16, 32
RADIUS = 4.5


def row(of: ForestRow, *, bar: Number | None = None) -> SafeString:
    """Grid, bands from wide to narrow, bar, ring (raw) and dot (calibrated); its words as title."""
    marks = [_line("grid", tick) for tick in range(LOW, HIGH + 1)]
    for name, band in (("95", of.band_95), ("80", of.band_80), ("50", of.band_50)):
        if band is not None:
            left, right = _x(band.low), _x(band.high)
            marks.append(
                f'<rect class="band-{name}" x="{left:.2f}%" width="{right - left:.2f}%"'
                f' y="{MIDDLE - 4}" height="8"/>'
            )
    if bar is not None:
        marks.append(_line("bar-line", bar))
    if of.raw is not None:
        marks.append(_dot("raw", of.raw))
    if of.calibrated is not None:
        marks.append(_dot("mean", of.calibrated))
    return _svg(f"<title>{escape(forest_sentence([of], bar=bar))}</title>", *marks, role="img")


def axis() -> SafeString:
    """The whole points of the scale, over the first row."""
    return _svg(*(_text(tick, str(tick), 20) for tick in range(LOW, HIGH + 1)))


def foot(bar: Number, label: str) -> SafeString:
    """The bob under the bar's line, and its name."""
    bob = '<path class="bob" d="M0 -2v4l3.5 3.5l-3.5 5l-3.5 -5l3.5 -3.5z"/>'
    return _svg(
        f'<svg x="{_x(bar):.2f}%" y="2" overflow="visible">{bob}</svg>', _text(bar, label, 26)
    )


def _x(value: Number) -> float:
    """Percent of the width; what lies outside the scale lies on its edge."""
    share = (min(max(float(value), LOW), HIGH) - LOW) / (HIGH - LOW)
    return INSET + share * (100 - 2 * INSET)


def _line(css: str, value: Number) -> str:
    x = f"{_x(value):.2f}%"
    return f'<line class="{css}" x1="{x}" x2="{x}" y1="0" y2="{HEIGHT}"/>'


def _dot(css: str, value: Number) -> str:
    return f'<circle class="{css}" cx="{_x(value):.2f}%" cy="{MIDDLE}" r="{RADIUS}"/>'


def _text(value: Number, words: str, y: int) -> str:
    return (
        f'<text x="{_x(value):.2f}%" y="{y}" text-anchor="middle" fill="currentColor">'
        f"{escape(words)}</text>"
    )


def _svg(*marks: str, role: str = "") -> SafeString:
    said = f'role="{role}"' if role else 'aria-hidden="true"'
    return mark_safe(  # noqa: S308 (numbers, our own marks and escaped words)
        f'<svg xmlns="http://www.w3.org/2000/svg" width="100%" height="{HEIGHT}" {said}>'
        f"{''.join(marks)}</svg>"
    )
