"""Long work in parts: a page has room for so many lines with their comments."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Part:
    """What one page of a long work shows: for each file its path, first and last line."""

    number: int
    spans: list[tuple[str, int, int]]

    @property
    def words(self) -> str:
        return ", ".join(f"{path} {first}–{last}" for path, first, last in self.spans)

    def has(self, comment: Mapping[str, Any]) -> bool:
        return self.shows(comment["file"], comment["end"])

    def shows(self, file: str, line: int) -> bool:
        return any(file == path and first <= line <= last for path, first, last in self.spans)


def parts_of(files: Iterable[tuple[str, int]], *, most: int) -> list[Part]:
    """Files with their numbers of lines, in their order, cut so that no part has more lines."""
    parts: list[Part] = []
    room = 0
    for path, last in files:
        first = 1
        while first <= last:
            if room == 0:
                parts.append(Part(len(parts) + 1, []))
                room = most
            end = min(last, first + room - 1)
            parts[-1].spans.append((path, first, end))
            room -= end - first + 1
            first = end + 1
    return parts


def part_at(parts: Sequence[Part], number: int) -> Part:
    """That part; the first one if there is none of that number."""
    return parts[number - 1 if 1 <= number <= len(parts) else 0] if parts else Part(1, [])


def asked_part(given: str) -> int:
    """The number in an address, whatever else stands there."""
    return int(given) if re.fullmatch(r"[0-9]{1,4}", given) else 1


def href(anchor: str, number: int, shown: Part) -> str:
    """The address of something in a part, from the page that shows one of them."""
    return f"#{anchor}" if number == shown.number else f"?part={number}#{anchor}"
