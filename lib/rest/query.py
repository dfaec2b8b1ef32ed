"""Query strings: known parameters only, each checked."""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.http import QueryDict
from django.utils.dateparse import parse_datetime

from lib.rest.operations import Param
from lib.rest.problems import Problem

PAGING = ("page_size", "cursor")
PAGE_SIZES = (1, 200)
MOST_IDS = 100
# Times outside of these years overflow once they are shown in another zone, or are typing errors.
YEARS = (1900, 2200)


def refuse(parameter: str, code: str, detail: str) -> Problem:
    errors = [{"parameter": parameter, "code": code, "detail": detail}]
    return Problem(400, "validation_error", "The request is invalid.", errors=errors)


def number(name: str, value: str, *, low: int, high: int) -> int:
    fits = value.isascii() and value.isdigit() and len(value) < 10 and low <= int(value) <= high
    if not fits:
        raise refuse(name, "out_of_range", f"Give a whole number from {low} to {high}.")
    return int(value)


def identifier(name: str, value: str) -> str:
    try:
        return str(uuid.UUID(value))
    except ValueError as error:
        raise refuse(name, "invalid", "Give an id, a UUID.") from error


def identifiers(name: str, value: str) -> list[str]:
    given = value.split(",")
    if len(given) > MOST_IDS:
        raise refuse(name, "too_many", f"Give at most {MOST_IDS} ids, with commas.")
    return [identifier(name, one) for one in given]


def since(name: str, value: str) -> datetime:
    try:
        found = parse_datetime(value)
    except ValueError:
        found = None
    if found is None:
        raise refuse(name, "invalid", "Give a time like 2026-11-18T09:00:00Z.")
    if found.tzinfo is None:
        raise refuse(name, "no_offset", "Give a UTC offset or Z.")
    if not YEARS[0] < found.year < YEARS[1]:
        raise refuse(name, "out_of_range", f"Give a time between {YEARS[0]} and {YEARS[1]}.")
    return found.astimezone(UTC)


def text(name: str, value: str) -> str:
    if not 1 <= len(value) <= 191:
        raise refuse(name, "invalid", "Give 1 to 191 characters.")
    return value


def one_of(says: str, choices: list[str]) -> Param:
    """A parameter that takes one of these words."""

    def check(name: str, value: str) -> str:
        if value not in choices:
            raise refuse(name, "invalid", f"Give one of {', '.join(choices)}.")
        return value

    return Param(says, {"type": "string", "enum": choices}, check)


def some_of(says: str, choices: list[str]) -> Param:
    """A parameter that takes several of these words, with commas."""

    def check(name: str, value: str) -> list[str]:
        given = value.split(",")
        if not set(given) <= set(choices):
            raise refuse(name, "invalid", f"Give some of {', '.join(choices)}, with commas.")
        return given

    pattern = f"^({'|'.join(choices)})(,({'|'.join(choices)}))*$"
    return Param(says, {"type": "string", "pattern": pattern}, check)


def id_param(says: str) -> Param:
    return Param(says, {"type": "string", "format": "uuid"}, identifier)


def text_param(says: str) -> Param:
    return Param(says, {"type": "string", "minLength": 1, "maxLength": 191}, text)


IDS = Param(f"Only these, at most {MOST_IDS}, with commas.", {"type": "string"}, identifiers)
CREATED_SINCE = Param(
    "Only those created at or after this time.", {"type": "string", "format": "date-time"}, since
)


class Query:
    """The parameters given, by name. Unknown ones and doubled ones are refused."""

    def __init__(
        self, params: QueryDict, known: Mapping[str, Param], *, paged: bool = False
    ) -> None:
        self.params = params
        self.known = known
        self.paging = PAGING if paged else ()

    def values(self) -> dict[str, Any]:
        found = {}
        for name in self.params:
            value = self._only(name)
            if name not in self.paging:
                found[name] = self.known[name].check(name, value)
        return found

    def _only(self, name: str) -> str:
        if name not in self.known and name not in self.paging:
            names = ", ".join(sorted([*self.known, *self.paging])) or "none"
            raise refuse(name[:191], "unknown", f"There is no such parameter; there are {names}.")
        values = self.params.getlist(name)
        if len(values) > 1:
            raise refuse(name, "repeated", "Give this parameter once.")
        if "\0" in values[0]:
            raise refuse(name, "invalid", "Take the NUL character out.")
        return values[0]

    def page_size(self) -> int:
        low, high = PAGE_SIZES
        return number("page_size", self.params.get("page_size", "50"), low=low, high=high)
