"""Which change of reference/ is whose fix, and reference/ with one fix taken back."""

from dataclasses import dataclass, field
from difflib import SequenceMatcher

from exercises.folder import ExerciseFolder, Flaw, Place


@dataclass(frozen=True, order=True)
class Hunk:
    """Artefact lines old_start..old_end (0-based, half open) that became new_start..new_end."""

    file: str
    old_start: int
    old_end: int
    new_start: int
    new_end: int

    def touches(self, start: int, end: int) -> bool:
        """Whether it meets artefact lines start..end (1-based, inclusive)."""
        if self.old_start == self.old_end:
            return start <= self.old_start + 1 and end >= self.old_start
        return start <= self.old_end and end >= self.old_start + 1

    def __str__(self) -> str:
        first, last = self.old_start + 1, max(self.old_end, self.old_start + 1)
        return f"{self.file}:{first}" if first == last else f"{self.file}:{first}-{last}"


@dataclass(frozen=True)
class Fixes:
    """The hunks of each flaw (by id), and what disagrees with "one minimal change per flaw"."""

    of: dict[str, frozenset[Hunk]]
    unclaimed: tuple[Hunk, ...] = ()
    shared: dict[str, tuple[str, ...]] = field(default_factory=dict)


def hunks(folder: ExerciseFolder) -> list[Hunk]:
    return [
        hunk
        for file, text in sorted(folder.reference.items())
        for hunk in _of_file(file, folder.artefacts.get(file, ""), text)
    ]


def _of_file(file: str, old: str, new: str) -> list[Hunk]:
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    found = []
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "replace" and i2 - i1 == j2 - j1:
            # Neighbouring lines may be two flaws' fixes: line by line keeps them apart.
            found += [Hunk(file, i1 + k, i1 + k + 1, j1 + k, j1 + k + 1) for k in range(i2 - i1)]
        elif tag != "equal":
            found.append(Hunk(file, i1, i2, j1, j2))
    return found


def fixes(folder: ExerciseFolder) -> Fixes:
    """Deals every hunk to the flaws whose lines it touches."""
    of: dict[str, set[Hunk]] = {flaw.id: set() for flaw in folder.flaws}
    unclaimed = []
    shared: dict[str, set[str]] = {}
    for hunk in hunks(folder):
        owners = [flaw.id for flaw in folder.flaws if _claims(flaw, hunk)]
        for owner in owners:
            of[owner].add(hunk)
            if len(owners) > 1:
                shared.setdefault(owner, set()).add(str(hunk))
        if not owners:
            unclaimed.append(hunk)
    return Fixes(
        of={name: frozenset(found) for name, found in of.items()},
        unclaimed=tuple(unclaimed),
        shared={name: tuple(sorted(found)) for name, found in shared.items()},
    )


def _claims(flaw: Flaw, hunk: Hunk) -> bool:
    places = (Place(file=flaw.file, lines=flaw.lines), *flaw.also)
    return any(
        place.file == hunk.file
        and (not place.lines or any(hunk.touches(start, end) for start, end in place.lines))
        for place in places
    )


def undone(folder: ExerciseFolder, taken_back: frozenset[Hunk]) -> dict[str, str]:
    """reference/ as path to text, with these hunks as they were in artefacts/."""
    files = dict(folder.reference)
    for file in {hunk.file for hunk in taken_back}:
        if file not in folder.artefacts:
            del files[file]
            continue
        old = folder.artefacts[file].splitlines(keepends=True)
        new = folder.reference[file].splitlines(keepends=True)
        for hunk in sorted((h for h in taken_back if h.file == file), reverse=True):
            new[hunk.new_start : hunk.new_end] = old[hunk.old_start : hunk.old_end]
        files[file] = "".join(new)
    return files
