"""Rows of a table as people: which column is which, and what is wrong with a row."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.tables import Line, Table

LABELS: dict[str, Promise] = {
    "first_name": gettext_lazy("First name"),
    "last_name": gettext_lazy("Last name"),
    "email": gettext_lazy("E-mail"),
    "source": gettext_lazy("Source"),
    "external_id": gettext_lazy("External id"),
}
# As the columns of the database.
LIMITS = {"first_name": 80, "last_name": 80, "email": 254, "source": 80, "external_id": 191}
# Header words without blanks and signs, in English and German; the earlier word is the better one.
WORDS = {
    "first_name": "firstname givenname forename vorname rufname first",
    "last_name": "lastname familyname surname nachname familienname zuname last",
    "email": "email emailaddress mail mailaddress emailadresse mailadresse primaryemail "
    "candidateemail",
    "source": "source channel origin referrer quelle kanal herkunft bewerbungskanal",
    "external_id": "externalid candidateid applicationid applicantid id reference externeid "
    "bewerberid kandidatenid bewerbernummer kandidatennummer bewerbungsnummer referenz",
}
NAME = ("name", "fullname", "candidate", "candidatename", "kandidat", "bewerber")

Mapping = dict[str, int]


@dataclass(frozen=True)
class Person:
    """What one row says."""

    row: int
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    source: str = ""
    external_id: str = ""

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def bare(self) -> str:
        """The name, where nothing else tells this person from others; else nothing."""
        return "" if self.email or self.external_id else self.name.casefold()


@dataclass(frozen=True)
class Wrong:
    """A row that is left out; `problems` are pairs of column and sentence."""

    row: int
    problems: list[tuple[str, str]]
    cells: list[str] = field(default_factory=list)

    @property
    def said(self) -> str:
        return ", ".join(filter(None, self.cells))


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.casefold())


def guess(header: list[str]) -> Mapping:
    """Our field → number of their column, as far as the header's words tell."""
    plain = [_plain(cell) for cell in header]
    found: Mapping = {}
    for name, words in WORDS.items():
        hit = next((word for word in words.split() if word in plain), None)
        if hit is not None:
            found[name] = plain.index(hit)
    whole = next((word for word in NAME if word in plain), None)
    if whole is not None:
        # “Name” beside “Vorname” is the family name; alone it is all there is.
        missing = "last_name" if "first_name" in found else "first_name"
        found.setdefault(missing, plain.index(whole))
    return found


def people(table: Table, mapping: Mapping) -> Iterator[tuple[Person, Wrong | None]]:
    """Every row with what is wrong with it, if anything; doubles are told from the first one."""
    seen: dict[tuple[str, str], int] = {}
    for line in table.lines:
        person = _person(line, mapping)
        problems = [*_problems(person, line, table.header), *_doubles(person, seen)]
        yield person, Wrong(line.number, problems, line.cells) if problems else None


def _person(line: Line, mapping: Mapping) -> Person:
    cells = {
        name: line.cells[column] for name, column in mapping.items() if column < len(line.cells)
    }
    cells["email"] = cells.get("email", "").lower()
    return Person(line.number, **cells)


def _problems(person: Person, line: Line, header: list[str]) -> Iterator[tuple[str, str]]:
    if any(line.cells[len(header) :]):
        yield (
            "",
            _(
                "The row has %(cells)s cells and the header %(columns)s. Put a text that has the "
                "separator in it in quotation marks."
            )
            % {"cells": len(line.cells), "columns": len(header)},
        )
        return
    if not person.first_name:
        yield _label("first_name"), _("The first name is missing.")
    for name, limit in LIMITS.items():
        length = len(getattr(person, name))
        if length > limit:
            values = {"length": length, "limit": limit}
            yield (
                _label(name),
                _("%(length)s characters are too long; %(limit)s fit.") % values,
            )
    if 0 < len(person.email) <= LIMITS["email"] and not _is_address(person.email):
        yield _label("email"), _("This is no e-mail address.")


def _label(name: str) -> str:
    return str(LABELS[name])


def _is_address(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


def _doubles(person: Person, seen: dict[tuple[str, str], int]) -> Iterator[tuple[str, str]]:
    sentences = {
        "email": _("The same address stands in row %(row)s."),
        "external_id": _("The same id stands in row %(row)s."),
        "bare": _("The same name stands in row %(row)s, and no e-mail or id tells them apart."),
    }
    for name, sentence in sentences.items():
        value = getattr(person, name)
        first = seen.setdefault((name, value), person.row) if value else person.row
        if first != person.row:
            label = _label("first_name" if name == "bare" else name)
            yield label, sentence % {"row": first}
