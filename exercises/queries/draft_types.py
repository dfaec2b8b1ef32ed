"""The shapes that the editor's pages show."""

from dataclasses import dataclass, field
from typing import Any

from django.utils.safestring import SafeString

from exercises.models import ExerciseDraft
from exercises.queries.draft_checks import Note
from exercises.queries.draft_fields import LONGEST, MAX_TEXT

# What an item shows, in the order in which one thinks of it.
SHOWN: dict[str, tuple[str, ...]] = {
    "flaw": (
        *("title", "file", "lines", "severity", "category", "level", "contextual"),
        *("harm", "found_when", "id"),
    ),
    "decoy": ("title", "file", "lines", "why_fine", "id"),
    "expect": ("title", "weight", "level", "found_when", "why", "id"),
    "question": ("ask", "answer", "id"),
    "talk": ("ask", "listens_for", "red_flags", "follow_ups", "level"),
    "probe": ("about", "ask", "listens_for"),
    "artefact": ("path", "text"),
    "reference": ("path", "text"),
}


@dataclass(frozen=True)
class Box:
    """One field: how it is called, what stands in it, and its revision."""

    name: str
    label: str
    value: Any
    rev: int
    kind: str = "text"
    choices: list[tuple[str, str]] = field(default_factory=list)
    hint: str = ""
    notes: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return self.name.rpartition(":")[2].removeprefix("mark_")

    @property
    def id(self) -> str:
        return "f-" + self.name.replace(":", "-")

    @property
    def is_live(self) -> bool:
        """Whether its hint says something that changes as one writes."""
        return bool(self.hint) and self.key in {"slug", "minutes", "id"}

    @property
    def longest(self) -> int:
        return LONGEST.get(self.key, MAX_TEXT)


@dataclass(frozen=True)
class Item:
    group: str
    uid: str
    code: str
    title: str
    boxes: list[Box]
    severity: str
    anchor: str
    proof: str
    lacks: list[str]
    # Where it would go one place up or down; None at the ends, and for files, which have no order.
    up: int | None = None
    down: int | None = None

    @property
    def id(self) -> str:
        return f"{self.group}-{self.uid}"

    @property
    def next_box(self) -> Box:
        """Where one goes on writing: the first field that holds nothing yet."""
        return next((box for box in self.boxes if not box.value), self.boxes[0])

    @property
    def title_field(self) -> str:
        key = next(key for key in ("title", "path", "ask") if key in SHOWN[self.group])
        return f"{self.group}:{self.uid}:{key}"


@dataclass(frozen=True)
class Group:
    """The items of one kind, under a heading, with a button for one more."""

    name: str
    title: str
    hint: str
    items: list[Item]
    add: str
    empty: str = ""


@dataclass(frozen=True)
class Line:
    number: int
    id: str
    html: SafeString
    codes: list[Item]
    after: list[Item]


@dataclass(frozen=True)
class File:
    uid: str
    path: str
    lines: list[Line]


@dataclass
class Page:
    draft: ExerciseDraft
    part: str
    values: dict[str, Any]
    revs: dict[str, int]
    missing: list[Note]
    warnings: list[Note]
    boxes: list[Box] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    mark: list[Box] = field(default_factory=list)
    brief_html: str = ""
    kept: list[tuple[str, str]] = field(default_factory=list)

    @property
    def all_boxes(self) -> list[Box]:
        items = [item for group in self.groups for item in group.items]
        return [*self.boxes, *self.mark, *(box for item in items for box in item.boxes)]

    @property
    def has_marks(self) -> bool:
        return any(group.items for group in self.groups)

    @property
    def title(self) -> str:
        return str(self.values.get("title") or "")
