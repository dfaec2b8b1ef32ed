"""Tables for spreadsheets: text stays text, whatever it begins with."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence

from django.http import HttpResponse

# What a spreadsheet takes for the start of a formula, or for the end of a cell before one.
FORMULA = frozenset("=+-@")
ENDS = frozenset("\t\r\n")
_number = re.compile(r"-?\d+(\.\d+)?", re.ASCII)


def guard(value: object) -> object:
    """The cell, with an apostrophe before what would run as a formula; numbers stay numbers."""
    if not isinstance(value, str) or _number.fullmatch(value):
        return value
    for char in value:
        if char in ENDS or unicodedata.normalize("NFKC", char)[:1] in FORMULA:
            return "'" + value
        if not (char.isspace() or unicodedata.category(char) in {"Cc", "Cf"}):
            break
    return value


def render(rows: Iterable[Sequence[object]]) -> str:
    """RFC 4180 text of the rows, every cell guarded; None is an empty cell."""
    out = io.StringIO()
    csv.writer(out).writerows([guard(cell) for cell in row] for row in rows)
    return out.getvalue()


def attachment(rows: Iterable[Sequence[object]], *, name: str) -> HttpResponse:
    """The table as a download; the BOM tells spreadsheets that it is UTF-8."""
    return HttpResponse(
        "\ufeff" + render(rows),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
