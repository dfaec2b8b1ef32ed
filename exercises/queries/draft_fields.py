"""What each field of a draft may hold. Asked by `lib.autosave` for every change."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from exercises import authoring
from exercises.models import AiPolicy, Category, Severity
from lib.markup import clean_text

MAX_TEXT = 4_000
MAX_PAGE = 20_000
MAX_FILE = 200_000
MAX_VALUE = 3 * MAX_FILE  # as JSON
MAX_ITEMS = {
    "artefact": 20,
    "reference": 20,
    "flaw": 30,
    "decoy": 30,
    "expect": 40,
    "question": 40,
    "probe": 40,
}
LONGEST = {
    "title": 120,
    "slug": 60,
    "minutes": 4,
    "weight": 4,
    "language": 20,
    "id": 60,
    "lines": 200,
    "path": 120,
    "brief": MAX_PAGE,
    "baseline": MAX_PAGE,
    "text": MAX_FILE,
}
CHOICES: dict[str, Collection[str]] = {
    "ai_policy": AiPolicy.values,
    "severity": Severity.values,
    "as": authoring.MARKS,
    "category": Category.values,
}
# The mark that is being made: kept like everything typed, emptied once it is one.
SCRATCH = ("mark_as", "mark_file", "mark_lines", "mark_title")
PLAIN = frozenset({*authoring.FACTS, "brief", "baseline", *SCRATCH})
_answer = re.compile(r"answer:([a-z][a-z0-9_]*):(strong|fair|weak)")
_item = re.compile(r"([a-z]+):([0-9a-f]{32}):([a-z_]+)")


@dataclass(frozen=True)
class Vocabulary:
    """The keys a team has: of levels, skills and criteria."""

    levels: tuple[str, ...]
    skills: tuple[str, ...]
    criteria: tuple[str, ...]


class Allowed:
    """The value to store, or ValueError with a sentence."""

    def __init__(self, values: Mapping[str, Any], *, kind: str, known: Vocabulary) -> None:
        self.values = values
        self.groups = {"artefact", "reference", *authoring.groups_of(kind)}
        self.known = {"levels": known.levels, "skills": known.skills, "criteria": known.criteria}
        self.written = {name.rpartition(":")[0] for name in values}

    def __call__(self, name: str, value: Any) -> Any:
        if name in PLAIN:
            return self._value(name, name.removeprefix("mark_"), value)
        if _answer.fullmatch(name):
            return text(value, MAX_PAGE)
        key = self._key(name)
        if not key:
            raise ValueError(_("This exercise has no such field."))
        return self._value(name, key, value)

    def _key(self, name: str) -> str:
        """Which key of an item this is, "" if there is no such item. A removed one is kept."""
        found = _item.fullmatch(name)
        if not found or found[1] not in self.groups:
            return ""
        group, uid, key = found.groups()
        keys = ("path", "text") if group in authoring.FILES else authoring.ITEMS[group][1]
        is_there = uid in authoring.uids(self.values, group) or f"{group}:{uid}" in self.written
        return key if is_there and key in keys and key not in authoring.REST else ""

    def _value(self, name: str, key: str, value: Any) -> Any:
        if key in authoring.LISTS:
            return self._list(name, key, value)
        if key == "contextual":
            return value in (True, "true", "on", "1")
        value = text(value, LONGEST.get(key, MAX_TEXT))
        known = self._known(key)
        if known is not None and value and value not in known:
            raise ValueError(_("Choose one of the given values."))
        return value

    def _known(self, key: str) -> Collection[str] | None:
        if key == "level":
            return {*self.known["levels"], *(self.values.get("levels") or ())}
        if key == "file":
            return authoring.uids(self.values, "artefact")
        if key == "about":
            groups = [group for group in self.groups if group in authoring.ITEMS]
            return {uid for group in groups for uid in authoring.uids(self.values, group)}
        return CHOICES.get(key)

    def _list(self, name: str, key: str, value: Any) -> list[str]:
        known = self.known[key]
        if isinstance(value, bool):  # the only box there is
            value = list(known[:1]) if value else []
        allowed = {*known, *(self.values.get(name) or ())}
        if not isinstance(value, list) or not all(
            isinstance(one, str) and one in allowed for one in value
        ):
            raise ValueError(_("Choose from the given values."))
        return list(dict.fromkeys(value))


def text(value: Any, longest: int) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError(_("This has to be text."))
    words = clean_text(authoring.tidy(value))
    if len(words) > longest:
        raise ValueError(_("Keep it below %(n)s characters.") % {"n": longest})
    return words


def is_uid(text: str) -> bool:
    try:
        return UUID(text).hex == text
    except ValueError:
        return False
