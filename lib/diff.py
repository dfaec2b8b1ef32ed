"""Two texts line by line, and inside a changed line word by word. Pure of Django."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

CONTEXT = 3
# Below this a line was replaced, not changed: marks on every second letter would only confuse.
ALIKE = 0.4
# Word by word costs the square of the length; nobody reads the marks of a longer line.
LONG = 500
# Texts with more pairs of lines are compared without their commonest lines: lines that are all
# alike would cost the product.
MANY = 4_000_000

_words = re.compile(r"\w+|\s+|[^\w\s]")


@dataclass(frozen=True)
class Part:
    text: str
    is_changed: bool = False


Parts = tuple[Part, ...]


@dataclass(frozen=True)
class Row:
    """One line of the comparison; a side without a number has no such line.

    `kind` is same, changed (both sides), old, new, or gap (`hidden` equal lines left out).
    """

    kind: str
    old_number: int | None = None
    new_number: int | None = None
    old: Parts = ()
    new: Parts = ()
    hidden: int = 0


def compare(old: str, new: str, *, context: int = CONTEXT) -> list[Row]:
    """The rows of a comparison side by side; equal texts have none."""
    before, after = old.splitlines(), new.splitlines()
    is_long = len(before) * len(after) > MANY
    matcher = SequenceMatcher(None, before, after, autojunk=is_long)
    rows: list[Row] = []
    shown_to = 0
    for group in matcher.get_grouped_opcodes(context):
        if group[0][0] == "equal" and group[0][1] == group[0][2] and len(group) == 1:
            continue
        hidden = group[0][1] - shown_to
        if hidden:
            rows.append(Row("gap", hidden=hidden))
        for tag, i1, i2, j1, j2 in group:
            rows += _block(tag, before[i1:i2], after[j1:j2], i1 + 1, j1 + 1)
        shown_to = group[-1][2]
    if rows and len(before) > shown_to:
        rows.append(Row("gap", hidden=len(before) - shown_to))
    return rows


def _block(
    tag: str, before: Sequence[str], after: Sequence[str], old_from: int, new_from: int
) -> Iterator[Row]:
    for n in range(max(len(before), len(after))):
        old = before[n] if n < len(before) else None
        new = after[n] if n < len(after) else None
        if old is None:
            yield Row("new", new_number=new_from + n, new=(Part(new or ""),))
        elif new is None:
            yield Row("old", old_number=old_from + n, old=(Part(old),))
        else:
            marked = words(old, new) if tag != "equal" else ((Part(old),), (Part(new),))
            kind = "same" if tag == "equal" else "changed"
            yield Row(kind, old_from + n, new_from + n, *marked)


def words(old: str, new: str) -> tuple[Parts, Parts]:
    """Both lines in parts, those marked that the other one has not."""
    whole = (Part(old),), (Part(new),)
    if len(old) > LONG or len(new) > LONG:
        return whole
    before, after = _words.findall(old), _words.findall(new)
    if _alike(before, after) < ALIKE:
        return whole
    codes = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    return (
        tuple(_marked("".join(before[i1:i2]), tag) for tag, i1, i2, _, _ in codes if i1 < i2),
        tuple(_marked("".join(after[j1:j2]), tag) for tag, _, _, j1, j2 in codes if j1 < j2),
    )


def _alike(before: Sequence[str], after: Sequence[str]) -> float:
    """How much two lines share, blanks aside: every line has those."""
    old = [word for word in before if not word.isspace()]
    new = [word for word in after if not word.isspace()]
    return SequenceMatcher(None, old, new, autojunk=False).ratio()


def _marked(text: str, tag: str) -> Part:
    return Part(text, is_changed=tag != "equal")


@dataclass(frozen=True)
class FileChange:
    """One file of two editions; `state` is added, removed or changed."""

    path: str
    state: str
    old: str
    new: str


def changed_files(old: dict[str, str], new: dict[str, str]) -> list[FileChange]:
    """Every file that is not the same in both, by name."""
    return [
        FileChange(path, _state(path, old, new), old.get(path, ""), new.get(path, ""))
        for path in sorted(old.keys() | new.keys())
        if old.get(path) != new.get(path)
    ]


def _state(path: str, old: dict[str, str], new: dict[str, str]) -> str:
    if path not in old:
        return "added"
    return "changed" if path in new else "removed"
