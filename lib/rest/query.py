"""Query strings: known parameters only, each checked."""

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import QueryDict
from django.utils.dateparse import parse_datetime

from lib.rest.problems import Problem

PAGING = ("page_size", "cursor")


def refuse(parameter: str, code: str, detail: str) -> Problem:
    errors = [{"parameter": parameter, "code": code, "detail": detail}]
    return Problem(400, "validation_error", "The request is invalid.", errors=errors)


def number(name: str, value: str, *, low: int, high: int) -> int:
    if not value.isascii() or not value.isdigit() or not low <= int(value[:9]) <= high:
        raise refuse(name, "out_of_range", f"Give a whole number from {low} to {high}.")
    return int(value)


def identifier(name: str, value: str) -> str:
    try:
        return str(uuid.UUID(value))
    except ValueError as error:
        raise refuse(name, "invalid", "Give an id, a UUID.") from error


def since(name: str, value: str) -> datetime:
    try:
        found = parse_datetime(value)
    except ValueError:
        found = None
    if found is None:
        raise refuse(name, "invalid", "Give a time like 2026-11-18T09:00:00Z.")
    if found.tzinfo is None:
        raise refuse(name, "no_offset", "Give a UTC offset or Z.")
    return found


class Query:
    """The filters a list takes, by name: each a function (name, text) → value that may refuse."""

    def __init__(self, params: QueryDict, filters: dict[str, Any]) -> None:
        self.params = params
        self.filters = filters

    def values(self) -> dict[str, Any]:
        """The filters given. Unknown parameters and doubled ones are refused."""
        found = {}
        for name in self.params:
            if name in PAGING:
                continue
            if name not in self.filters:
                known = ", ".join(sorted([*self.filters, *PAGING]))
                raise refuse(name, "unknown", f"There is no such parameter; there are {known}.")
            values = self.params.getlist(name)
            if len(values) > 1:
                raise refuse(name, "repeated", "Give this parameter once.")
            if "\0" in values[0]:
                raise refuse(name, "invalid", "Take the NUL character out.")
            found[name] = self.filters[name](name, values[0])
        return found

    def page_size(self) -> int:
        return number("page_size", self.params.get("page_size", "50"), low=1, high=200)


def one_of(choices: list[str]) -> Callable[[str, str], str]:
    """A filter that takes one of these words."""

    def check(name: str, value: str) -> str:
        words = ", ".join(choices)
        if value not in choices:
            raise refuse(name, "invalid", f"Give one of {words}.")
        return value

    return check


def text(name: str, value: str) -> str:
    if not 1 <= len(value) <= 191:
        raise refuse(name, "invalid", "Give 1 to 191 characters.")
    return value
