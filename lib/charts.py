"""Charts as SVG text, the same for page and PDF: paths only, words stay in the HTML beside them.

Every mark has a class, for the screen, and the print colour as a presentation attribute, which any
style sheet overrules; WeasyPrint hands no CSS of the document into an SVG. One path per colour
keeps a PDF fast. Classes: chart forest progress · chart-current chart-grid chart-band-95
chart-band-80 chart-band-50 chart-bar chart-bob chart-ring chart-dot · chart-track chart-fill.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

Number = float | Decimal

INK, INK_2, LINE, ACCENT, SOFT, PAPER = (
    *("#0f1a1a", "#40504e", "#d6dddc"),
    *("#0a5c63", "#e2efef", "#ffffff"),
)
BANDS = (("95", "#c9dbdb"), ("80", "#a0c1c2"), ("50", "#5c9597"))
SPOKEN_ROWS = 12


class Band(NamedTuple):
    """An interval of the calibrated value."""

    low: Number
    high: Number


@dataclass(frozen=True, kw_only=True)
class ForestRow:
    """One line of a forest; what is None is not drawn. `bar` counts for this row only."""

    label: str
    calibrated: Number | None = None
    raw: Number | None = None
    band_50: Band | None = None
    band_80: Band | None = None
    band_95: Band | None = None
    bar: Number | None = None
    is_current: bool = False


@dataclass(frozen=True)
class Scale:
    """Values to x, with room at both ends for half a dot."""

    low: Number
    high: Number
    width: float
    inset: float

    def x(self, value: Number) -> float:
        """Where the value lies; outside values lie on the edge."""
        low, high = float(self.low), float(self.high)
        share = (min(max(float(value), low), high) - low) / (high - low)
        if math.isnan(share):
            raise ValueError("a chart needs numbers")
        return self.inset + share * (self.width - 2 * self.inset)


def progress_bar(
    done: int, total: int, *, title: str = "", width: float = 320, height: float = 8
) -> SafeString:
    """A count on its way; over the total counts as full, nothing to do as empty."""
    share = min(max(done / total, 0), 1) if total > 0 else 0
    track = _rect(0.5, 0.5, width - 1, height - 1)
    marks = [
        _path("chart-track", track, fill=SOFT, stroke=INK_2),
        _path("chart-fill", _rect(0.5, 0.5, share * (width - 1), height - 1), fill=ACCENT),
    ]
    said = title or _("%(done)d of %(total)d") % {"done": done, "total": total}
    return _svg("progress", width, height, said, marks if share else marks[:1])


def forest(
    rows: Sequence[ForestRow],
    *,
    title: str = "",
    low: Number = 1,
    high: Number = 4,
    bar: Number | None = None,
    width: float = 400,
    row_height: float = 32,
    foot: float = 12,
    inset: float = 8,
) -> SafeString:
    """Bands, ring (raw) and dot (calibrated) per row over a grid of whole points.

    `bar` is the line of the rows that have none of their own; rows with the same bar share one
    unbroken line. The bob hangs under the last row's bar, in `foot`; 0 leaves it out, for a chart
    that goes on in the next table row.
    """
    scale = Scale(low, high, width, inset)
    body = len(rows) * row_height
    middles = [(index + 0.5) * row_height for index in range(len(rows))]
    bars = [row.bar if row.bar is not None else bar for row in rows]
    current = [
        _rect(0, index * row_height, width, row_height)
        for index, row in enumerate(rows)
        if row.is_current
    ]
    grid = [_line(scale.x(tick), 0, body) for tick in range(math.ceil(low), math.floor(high) + 1)]
    marks = [
        _path("chart-current", "".join(current), fill=SOFT),
        _path("chart-grid", "".join(grid), stroke=LINE),
        *_bands(rows, middles, scale, thickness=row_height / 4),
        _path("chart-bar", _bar_lines(bars, scale, row_height), stroke=INK, stroke_width=1.5),
        *_points(rows, middles, scale, radius=row_height / 7),
    ]
    if foot and bars and bars[-1] is not None:
        x = scale.x(bars[-1])
        marks.append(_path("chart-bar", _line(x, body, body + foot / 3), stroke=INK))
        marks.append(_path("chart-bob", _bob(x, body + foot / 4, foot * 0.7), fill=INK))
    said = title or forest_sentence(rows, bar=bar)
    return _svg("forest", width, body + foot, said, marks)


def forest_sentence(rows: Sequence[ForestRow], *, bar: Number | None = None) -> str:
    """What the chart shows, in words: short for many rows, whose table stands beside it."""
    if len(rows) > SPOKEN_ROWS:
        return _("%(count)d rows, raw and calibrated; the table has the numbers.") % {
            "count": len(rows)
        }
    said = [_row_words(row) for row in rows]
    if bar is not None:
        said.append(_("bar %(bar).2f") % {"bar": bar})
    return "; ".join(said) + "." if said else _("No rows.")


def _row_words(row: ForestRow) -> str:
    words = []
    if row.calibrated is not None:
        words.append(_("calibrated %(value).2f") % {"value": row.calibrated})
    if row.band_80 is not None:
        words.append(
            _("80 %% band %(low).2f to %(high).2f")
            % {"low": row.band_80.low, "high": row.band_80.high}
        )
    if row.raw is not None:
        words.append(_("raw %(value).2f") % {"value": row.raw})
    if row.bar is not None:
        words.append(_("bar %(bar).2f") % {"bar": row.bar})
    return f"{row.label}: {', '.join(words) or _('not observed')}"


def _bands(
    rows: Sequence[ForestRow], middles: Sequence[float], scale: Scale, *, thickness: float
) -> list[SafeString]:
    """Widest first, so that each lies on the one before."""
    paths = []
    for share, colour in BANDS:
        drawn = []
        for row, middle in zip(rows, middles, strict=True):
            band: Band | None = getattr(row, f"band_{share}")
            if band is not None:
                left, right = scale.x(band.low), scale.x(band.high)
                drawn.append(_rect(left, middle - thickness / 2, right - left, thickness))
        paths.append(_path(f"chart-band-{share}", "".join(drawn), fill=colour))
    return paths


def _points(
    rows: Sequence[ForestRow], middles: Sequence[float], scale: Scale, *, radius: float
) -> list[SafeString]:
    """The dot covers a ring beside it; around one in its own place the ring grows."""
    rings, dots = [], []
    for row, middle in zip(rows, middles, strict=True):
        dot = None if row.calibrated is None else scale.x(row.calibrated)
        if dot is not None:
            dots.append(_circle(dot, middle, radius))
        if row.raw is not None:
            ring = scale.x(row.raw)
            covered = dot is not None and abs(ring - dot) < radius / 2
            rings.append(_circle(ring, middle, radius * (1.4 if covered else 0.85)))
    return [
        _path("chart-ring", "".join(rings), fill=PAPER, stroke=INK_2, stroke_width=1.5),
        _path("chart-dot", "".join(dots), fill=ACCENT, stroke=PAPER),
    ]


def _bar_lines(bars: Iterable[Number | None], scale: Scale, row_height: float) -> str:
    lines, top = [], 0
    for bar, same in groupby(bars):
        bottom = top + len(list(same))
        if bar is not None:
            lines.append(_line(scale.x(bar), top * row_height, bottom * row_height))
        top = bottom
    return "".join(lines)


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _rect(x: float, y: float, width: float, height: float) -> str:
    return f"M{_number(x)} {_number(y)}h{_number(width)}v{_number(height)}h{_number(-width)}z"


def _line(x: float, top: float, bottom: float) -> str:
    return f"M{_number(x)} {_number(top)}V{_number(bottom)}"


def _circle(x: float, y: float, radius: float) -> str:
    r, across = _number(radius), _number(2 * radius)
    half = f"a{r} {r} 0 1 0 "
    return f"M{_number(x - radius)} {_number(y)}{half}{across} 0{half}-{across} 0z"


def _bob(x: float, top: float, height: float) -> str:
    """The mark's weight: short shoulders, long point."""
    side, shoulder, point = (_number(height * part) for part in (0.45, 0.4, 0.6))
    return f"M{_number(x)} {_number(top)}l{side} {shoulder}l-{side} {point}l-{side} -{point}z"


def _path(
    css: str, data: str, *, fill: str = "none", stroke: str = "none", stroke_width: float = 1
) -> SafeString:
    if not data:
        return SafeString("")
    return format_html(
        '<path class="{}" d="{}" fill="{}" stroke="{}" stroke-width="{}"/>',
        css,
        data,
        fill,
        stroke,
        _number(stroke_width),
    )


def _svg(
    css: str, width: float, height: float, title: str, marks: Iterable[SafeString]
) -> SafeString:
    w, h = _number(width), _number(height)
    return mark_safe(  # noqa: S308 (numbers, our own paths and an escaped title)
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart {css}" role="img" width="{w}"'
        f' height="{h}" viewBox="0 0 {w} {h}"><title>{escape(title)}</title>'
        f"{''.join(marks)}</svg>"
    )
