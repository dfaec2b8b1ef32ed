"""A file from a spreadsheet, read: encoding, delimiter, header, lines."""

import codecs
import csv
import io
import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

from lib.errors import Refused
from lib.markup import clean_text

MAX_BYTES = 2_000_000
MAX_LINES = 2_000
MAX_COLUMNS = 100
DELIMITERS = (",", ";", "\t")
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_not_a_name = re.compile(r"@|^\+?[\d .,/:-]+$")


@dataclass(frozen=True)
class Line:
    """One row; `number` is the one a spreadsheet shows beside it (the header is 1)."""

    number: int
    cells: list[str]


@dataclass(frozen=True)
class Table:
    header: list[str]
    lines: list[Line]


def decode(data: bytes) -> str:
    """UTF-8 with or without BOM, or UTF-16 with one; everything else is refused, never guessed."""
    if len(data) > MAX_BYTES:
        raise Refused(_("The file is larger than 2 MB. Split it and import the parts in turn."))
    encoding = next((name for bom, name in BOMS if data.startswith(bom)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise Refused(
            _(
                "The file is not in UTF-8. In Excel save it as “CSV UTF-8 (comma delimited)”; in "
                "LibreOffice choose the character set “Unicode (UTF-8)” when saving."
            )
        ) from error
    try:
        return clean_text(text)
    except ValueError as error:
        raise Refused(
            _(
                "Line %(line)s has a NUL character, which no text has. Save the table as "
                "“CSV UTF-8” and choose that file."
            )
            % {"line": text.count("\n", 0, text.index("\x00")) + 1}
        ) from error


def _records(text: str, delimiter: str) -> list[list[str]]:
    """Cells with blanks and line ends folded; refuses an open quote."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    found: list[list[str]] = []
    filled = 0
    try:
        for record in reader:
            cells = [" ".join(cell.split()) for cell in record]
            found.append(cells)
            filled += any(cells)
            if filled > MAX_LINES + 1:
                break
    except csv.Error as error:
        raise Refused(
            _(
                "Near line %(line)s a quotation mark is opened and not closed, or text follows a "
                "closed one. Put the whole cell in quotation marks and double those inside it."
            )
            % {"line": reader.line_num}
        ) from error
    return found


def sniff(text: str) -> str:
    """The delimiter that cuts the header into most columns."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(DELIMITERS, key=lambda delimiter: len(_cut(first, delimiter)))


def _cut(line: str, delimiter: str) -> list[str]:
    return next(csv.reader([line], delimiter=delimiter), [])


def read(text: str) -> Table:
    """The table, checked for what would make every row wrong."""
    records = _records(text, sniff(text))
    filled = [Line(number, cells) for number, cells in enumerate(records, 1) if any(cells)]
    if not filled:
        raise Refused(_("The file is empty. It needs a row of column names and a row a person."))
    header, lines = filled[0].cells, filled[1:]
    if any(_not_a_name.search(cell) for cell in header if cell):
        raise Refused(
            _(
                "The first row has to name the columns, for example “First name, Last name, "
                "E-mail”. Add such a row on top and choose the file again."
            )
        )
    if not lines:
        raise Refused(_("The file has column names only. Add a row for each person."))
    if len(header) > MAX_COLUMNS:
        raise Refused(_("The file has more than 100 columns. Delete those nobody needs."))
    if len(lines) > MAX_LINES:
        raise Refused(
            _(
                "The file has more than 2,000 rows. Split it into files of at most 2,000 rows, "
                "each with the column names on top, and import them in turn."
            )
        )
    return Table(header, lines)
