"""The charts of the PDF: paths only, the words stand beside them."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from lib import charts

register = template.Library()

WIDTH, FOOT = 240, 9  # as the style sheet has them
# More criteria than this take lower rows, so that page one still decides on its own.
ROOMY, ROW, LOW_ROW = 8, 28, 21
LEGEND = {
    "dot": (9, '<path d="M0.5 4.5a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z" fill="#0a5c63"/>'),
    "ring": (
        9,
        '<path d="M1.5 4.5a3 3 0 1 0 6 0a3 3 0 1 0 -6 0z" fill="#fff" stroke="#40504e"'
        ' stroke-width="1.5"/>',
    ),
    "bob": (7, '<path d="M3 0h1v3l2.5 2-3 4-3-4L3 3z" fill="#0f1a1a"/>'),
    "bands": (
        31,
        '<path d="M0 1.5h31v6h-31z" fill="#c9dbdb"/><path d="M5 1.5h21v6h-21z" fill="#a0c1c2"/>'
        '<path d="M10.5 1.5h10v6h-10z" fill="#5c9597"/>',
    ),
}


@register.filter
def is_dense(data: Mapping[str, Any]) -> bool:
    return len(data["criteria"]) > ROOMY


@register.simple_tag
def chart(data: Mapping[str, Any]) -> SafeString:
    """The forest over all rows of the table: one drawing costs a tenth of one per row."""
    return charts.forest(
        [_row(row) for row in [*data["criteria"], data["total"]]],
        width=WIDTH,
        row_height=LOW_ROW if is_dense(data) else ROW,
        foot=FOOT,
    )


def _row(row: Mapping[str, Any]) -> charts.ForestRow:
    marks = row["marks"]
    bands = {name: charts.Band(*marks[name]) for name in marks if name.startswith("band_")}
    values = {name: marks.get(name) for name in ("calibrated", "raw", "bar")}
    return charts.ForestRow(label=row["name"], **values, **bands)


@register.simple_tag
def legend(name: str) -> SafeString:
    width, path = LEGEND[name]
    said = {"dot": _("dot"), "ring": _("ring"), "bob": _("bob"), "bands": _("bands")}[name]
    return mark_safe(  # noqa: S308 (our own paths and words)
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="9"'
        f' viewBox="0 0 {width} 9"><title>{said}</title>{path}</svg>'
    )


@register.simple_tag(takes_context=True)
def page_of(context: template.Context, number: int) -> str:
    """Where the evidence of a criterion stands: on the second page unless told otherwise."""
    return _("p. %(page)d") % {"page": context["pages"].get(number, 2)}
