"""Where marked lines are after the text around them was edited. Plain functions on texts."""

from difflib import SequenceMatcher

from exercises.folder_check import Lines
from lib.code import code_lines

# Below this share of equal text, edited lines are other lines.
AKIN = 0.4


def quoted(text: str, lines: Lines) -> list[str]:
    """The text of each range."""
    rows = code_lines(text)
    return ["\n".join(rows[first - 1 : last]) for first, last in lines]


def moved(before: str, after: str, lines: Lines) -> tuple[Lines, bool]:
    """The ranges in `after` that were `lines` in `before`, and whether any of them is lost.

    A range whose lines were edited stays with them. It is lost when they were deleted or became
    something else altogether; then it stays beside the line that followed.
    """
    steps = _steps(code_lines(before), code_lines(after))
    ends = [_moved(steps, first - 1, last - 1) for first, last in lines]
    count = max(1, len(code_lines(after)))
    clamped = [(min(a, count - 1) + 1, min(max(a, b), count - 1) + 1) for a, b, _ in ends]
    pairs = zip(quoted(before, lines), quoted(after, tuple(clamped)), strict=True)
    is_lost = any(lost for _, _, lost in ends) or any(not _is_akin(*pair) for pair in pairs)
    return tuple(clamped), is_lost


def _is_akin(before: str, after: str) -> bool:
    return before == after or SequenceMatcher(None, before, after).ratio() >= AKIN


def found_again(text: str, quotes: list[str], lines: Lines) -> Lines:
    """The ranges that have these texts, nearest to where they were; nothing unless all are there.

    What a cut leaves behind comes back with the paste.
    """
    rows = code_lines(text)
    found = []
    for quote, (near, _last) in zip(quotes, lines, strict=True):
        wanted = quote.split("\n")
        spots = [
            number
            for number in range(1, len(rows) - len(wanted) + 2)
            if rows[number - 1 : number - 1 + len(wanted)] == wanted
        ]
        if not spots or not quote.strip():
            return ()
        first = min(spots, key=lambda number: abs(number - near))
        found.append((first, first + len(wanted) - 1))
    return tuple(found)


Step = tuple[str, int, int, int, int]


def _steps(old: list[str], new: list[str]) -> list[Step]:
    """How to make `new` of `old`. Only what lies between equal beginnings and ends is compared."""
    short = min(len(old), len(new))
    head = next((n for n in range(short) if old[n] != new[n]), short)
    short -= head
    tail = next((n for n in range(short) if old[-1 - n] != new[-1 - n]), short)
    middle = SequenceMatcher(
        None, old[head : len(old) - tail], new[head : len(new) - tail], autojunk=False
    )
    return [
        ("equal", 0, head, 0, head),
        *((tag, a + head, b + head, c + head, d + head)
          for tag, a, b, c, d in middle.get_opcodes()),
        ("equal", len(old) - tail, len(old), len(new) - tail, len(new)),
    ]  # fmt: skip


def _moved(steps: list[Step], first: int, last: int) -> tuple[int, int, bool]:
    kept: list[tuple[int, int]] = []
    beside = 0
    for tag, a, b, c, d in steps:
        start, end = max(a, first), min(b - 1, last)
        if a <= first:
            beside = c
        if start > end or tag == "delete":
            continue
        if tag == "equal" or b - a == d - c:
            kept.append((c + start - a, c + end - a))
        else:  # some lines became others, more or fewer: all of them are meant
            kept.append((c, d - 1))
    if not kept:
        return beside, beside, True
    return kept[0][0], kept[-1][1], False
