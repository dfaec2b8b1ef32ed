"""The mixed model's design: rows numbered, columns laid out, blocks batched by similar size.

y = criterion + level + job + candidate + candidate x criterion + assignment + scorecard
    + interviewer + exercise + residual.  Source: the method page, "The model" and "Estimation".

Candidate, candidate x criterion, assignment and scorecard never leave their application and make
its block's covariance V; the others are columns of W, random ones after the fixed ones.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from rubrics.calibration.records import (
    ACROSS,
    ASSIGNMENT,
    CANDIDATE,
    CRITERION,
    EXERCISE,
    INTERVIEWER,
    JOB,
    SCORECARD,
    WITHIN,
    Application,
    Point,
)

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]
Codes = npt.NDArray[np.uint8]

#: What two points of one block share, as bits of a code; the lowest is "the same point".
SAME_POINT = 1
BITS: Mapping[str, int] = {CANDIDATE: 2, CRITERION: 4, ASSIGNMENT: 8, SCORECARD: 16}
N_CODES = 32
_BATCH_CELLS = 1 << 19


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Blocks of similar size, padded: a padded point has V = 1 and W = 0.

    code (B, p, p); wy (B, p, w + 1), y last; columns (B, w + 1) of the global W, y last;
    criterion (B, p) with -1 where padded; subject (B,) the application's number, -1 an exemplar.
    """

    code: Codes
    wy: Floats
    columns: Ints
    criterion: Ints
    subject: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """Everything the estimate reads. `effects` in order; `labels` counts each effect's labels."""

    n: int
    r: int
    width: int
    centre: float
    effects: tuple[str, ...]
    labels: Mapping[str, int]
    spans: Mapping[str, slice]
    criteria: Mapping[str, int]
    levels: Mapping[str, int]
    level_column: Mapping[str, int]
    level_set: Mapping[str, int]
    criterion_set: Mapping[str, int]
    interviewers: Mapping[str, int]
    exercises: Mapping[str, int]
    jobs: Mapping[str, int]
    applications: tuple[Application, ...]
    batches: tuple[Batch, ...]

    def linked(self, application: Application) -> tuple[str, ...]:
        """The criteria of its loop that have an estimate at its level."""
        own = self.level_set.get(application.level)
        return tuple(
            k for k in application.loop if own is not None and self.criterion_set.get(k) == own
        )


class Numbers(dict[Hashable, int]):
    """Numbers labels by first appearance."""

    def of(self, label: Hashable) -> int:
        return self.setdefault(label, len(self))


def linked_sets(pairs: Iterable[tuple[str, str]]) -> tuple[dict[str, int], dict[str, int]]:
    """Numbers the connected sets of a two-sided graph: one number per left and per right label."""
    parent: dict[tuple[int, str], tuple[int, str]] = {}

    def root(node: tuple[int, str]) -> tuple[int, str]:
        parent.setdefault(node, node)
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for left, right in pairs:
        first, second = root((0, left)), root((1, right))
        parent[second] = first
    numbers = Numbers()
    sides: tuple[dict[str, int], dict[str, int]] = ({}, {})
    for node in list(parent):
        sides[node[0]][node[1]] = numbers.of(root(node))
    return sides


def build(points: Sequence[Point], applications: Mapping[str, Application]) -> Design:
    """The design of points in id order; a subject that is no application is an exemplar."""
    return _Layout(points, applications).design()


class _Layout:
    def __init__(self, points: Sequence[Point], applications: Mapping[str, Application]) -> None:
        self.points = points
        own = [applications.get(p.subject) for p in points]
        self.y = np.array([p.value for p in points], dtype=np.float64)
        self.centre = float(self.y.mean())
        self.used = tuple({a.id: a for a in own if a is not None}.values())
        self.subject_number = {a.id: i for i, a in enumerate(self.used)}
        self.is_candidate = np.array([a is not None for a in own])

        self.level_set, self.criterion_set = linked_sets(
            dict.fromkeys((a.level, p.criterion) for p, a in zip(points, own, strict=True) if a)
        )
        self.criteria = {k: i for i, k in enumerate(self.criterion_set)}
        self.levels = {k: i for i, k in enumerate(self.level_set)}
        self.jobs = {k: i for i, k in enumerate(dict.fromkeys(a.job for a in self.used))}
        self.interviewers, self.interviewer = _numbered(p.interviewer for p in points)
        self.exercises, self.exercise = _numbered(p.exercise for p in points)
        _, self.scorecard = _numbered((p.subject, p.scorecard) for p in points)
        _, self.assignment = _numbered(
            (p.subject, p.assignment if a else p.scorecard)
            for p, a in zip(points, own, strict=True)
        )
        _, self.block = _numbered(
            p.subject if a else (p.subject, p.scorecard) for p, a in zip(points, own, strict=True)
        )
        self.criterion = np.array(
            [self.criteria[p.criterion] if a else -1 for p, a in zip(points, own, strict=True)],
            dtype=np.intp,
        )
        self.own = own

    def design(self) -> Design:
        first = self._level_columns(start=len(self.criteria))
        cells, cell = _numbered(
            (p.subject, p.criterion) for p, a in zip(self.points, self.own, strict=True) if not a
        )
        fixed = len(self.criteria) + sum(c >= 0 for c in first.values())
        r = fixed + len(cells)
        counts = self._counts()
        spans, width = self._spans(counts, start=r)
        point_columns = self._point_columns(first, cell + fixed, spans)
        return Design(
            n=len(self.points),
            r=r,
            width=width,
            centre=self.centre,
            effects=tuple(e for e in (*WITHIN, *ACROSS) if e in counts),
            labels=counts,
            spans=spans,
            criteria=self.criteria,
            levels=self.levels,
            level_column=first,
            level_set=self.level_set,
            criterion_set=self.criterion_set,
            interviewers=self.interviewers,
            exercises=self.exercises,
            jobs=self.jobs,
            applications=self.used,
            batches=self._batches(point_columns, width),
        )

    def _level_columns(self, *, start: int) -> dict[str, int]:
        """Each level's column; -1 for the first of its linked set, whose effect is 0."""
        seen: set[int] = set()
        columns: dict[str, int] = {}
        for level, number in self.level_set.items():
            columns[level] = start if number in seen else -1
            start += number in seen
            seen.add(number)
        return columns

    def _counts(self) -> dict[str, int]:
        """Labels of the effects that enter, by the method page's conditions."""
        counts: dict[str, int] = {}
        if self.used:
            counts[CANDIDATE] = len(self.used)
        if len(self.criteria) > 1:
            pairs = self.block * len(self.criteria) + self.criterion
            counts[CRITERION] = len(np.unique(pairs[self.is_candidate]))
        both = np.unique(np.stack([self.assignment, self.scorecard]), axis=1)
        if np.bincount(both[0]).max() > 1:
            counts[ASSIGNMENT] = len(np.unique(self.assignment))
        if np.bincount(self.scorecard).max() > 1:
            counts[SCORECARD] = int(self.scorecard.max()) + 1
        for effect, labels in (
            (INTERVIEWER, self.interviewers),
            (EXERCISE, self.exercises),
            (JOB, self.jobs),
        ):
            if len(labels) > 1:
                counts[effect] = len(labels)
        return counts

    def _spans(self, counts: Mapping[str, int], *, start: int) -> tuple[dict[str, slice], int]:
        spans: dict[str, slice] = {}
        for effect in ACROSS:
            if effect in counts:
                spans[effect] = slice(start, start + counts[effect])
                start += counts[effect]
        return spans, start

    def _point_columns(
        self, level_column: Mapping[str, int], cell_columns: Ints, spans: Mapping[str, slice]
    ) -> Ints:
        """The columns each point touches, (n, 5), -1 where it touches none."""
        columns = np.full((len(self.points), 5), -1, dtype=np.intp)
        columns[:, 0] = self.criterion
        columns[~self.is_candidate, 0] = cell_columns
        columns[:, 1] = [level_column[a.level] if a else -1 for a in self.own]
        if INTERVIEWER in spans:
            columns[:, 2] = self.interviewer + spans[INTERVIEWER].start
        if EXERCISE in spans:
            columns[:, 3] = self.exercise + spans[EXERCISE].start
        if JOB in spans:
            start = spans[JOB].start
            columns[:, 4] = [start + self.jobs[a.job] if a else -1 for a in self.own]
        return columns

    def _loop_columns(self) -> tuple[Ints, Ints]:
        """(block, column) of every linked loop criterion: unobserved ones have their column too."""
        block_of = np.full(len(self.used), -1, dtype=np.intp)
        numbers = [self.subject_number[a.id] if a else -1 for a in self.own]
        for block, number in zip(self.block.tolist(), numbers, strict=True):
            if number >= 0:
                block_of[number] = block
        pairs = [
            (block, self.criteria[k])
            for block, a in zip(block_of.tolist(), self.used, strict=True)
            for k in a.loop
            if self.criterion_set.get(k) == self.level_set[a.level]
        ]
        table = np.array(pairs, dtype=np.intp).reshape(-1, 2)
        return table[:, 0], table[:, 1]

    def _batches(self, point_columns: Ints, width: int) -> tuple[Batch, ...]:
        order = np.argsort(self.block, kind="stable").astype(np.intp)
        sizes = np.bincount(self.block)
        starts = np.concatenate([[0], np.cumsum(sizes)])
        loop_blocks, loop_columns = self._loop_columns()
        touched = point_columns >= 0
        keys = np.concatenate(
            [
                (self.block[:, None] * width + point_columns)[touched],
                loop_blocks * width + loop_columns,
            ]
        )
        distinct = np.unique(keys)
        widths = np.bincount(distinct // width, minlength=len(sizes))
        firsts = np.concatenate([[0], np.cumsum(widths)])
        local = np.searchsorted(distinct, self.block[:, None] * width + point_columns)
        local = np.where(touched, local - firsts[self.block][:, None], -1)
        subject = np.full(len(sizes), -1, dtype=np.intp)
        for i, a in enumerate(self.own):
            if a:
                subject[self.block[i]] = self.subject_number[a.id]
        ranked = np.lexsort((widths, sizes))
        return tuple(
            self._batch(chosen, order, starts, distinct % width, firsts, local, width, subject)
            for chosen in _chunks(ranked, sizes)
        )

    def _batch(
        self,
        chosen: Ints,
        order: Ints,
        starts: Ints,
        columns: Ints,
        firsts: Ints,
        local: Ints,
        width: int,
        subject: Ints,
    ) -> Batch:
        rows, valid = _padded(order, starts, chosen)
        own_columns, has = _padded(columns, firsts, chosen)
        w = own_columns.shape[1]
        wy = np.zeros((*rows.shape, w + 1))
        wy[..., -1] = np.where(valid, self.y[rows] - self.centre, 0.0)
        at_block, at_row = np.nonzero(valid)
        for column in local[rows[valid]].T:
            on = column >= 0
            wy[at_block[on], at_row[on], column[on]] = 1.0
        candidate = subject[chosen] >= 0
        table = np.concatenate(
            [np.where(has, own_columns, 0), np.full((len(chosen), 1), width, dtype=np.intp)], axis=1
        )
        return Batch(
            code=self._codes(rows, valid, candidate),
            wy=wy,
            columns=table,
            criterion=np.where(valid, self.criterion[rows], -1),
            subject=subject[chosen],
        )

    def _codes(
        self, rows: Ints, valid: npt.NDArray[np.bool_], candidate: npt.NDArray[np.bool_]
    ) -> Codes:
        both = valid[:, :, None] & valid[:, None, :]
        own = both & candidate[:, None, None]
        code = np.where(own, BITS[CANDIDATE], 0).astype(np.uint8)
        for effect, label, where in (
            (CRITERION, self.criterion, own),
            (ASSIGNMENT, self.assignment, both),
            (SCORECARD, self.scorecard, both),
        ):
            given = label[rows]
            code[where & (given[:, :, None] == given[:, None, :])] |= BITS[effect]
        diagonal = np.arange(rows.shape[1])
        code[:, diagonal, diagonal] |= SAME_POINT
        return code


def _numbered(labels: Iterable[Hashable]) -> tuple[dict[str, int], Ints]:
    numbers = Numbers()
    given = np.array([numbers.of(label) for label in labels], dtype=np.intp)
    return {str(label): number for label, number in numbers.items()}, given


def _padded(values: Ints, starts: Ints, chosen: Ints) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """The chosen runs of `values` as rows of one table, and where it is filled; padded with 0."""
    sizes = starts[chosen + 1] - starts[chosen]
    steps = np.arange(sizes.max(initial=0))
    valid = steps[None, :] < sizes[:, None]
    at = np.where(valid, starts[chosen][:, None] + steps[None, :], 0)
    return np.where(valid, values[at], 0), valid


def _chunks(ranked: Ints, sizes: Ints) -> list[Ints]:
    """Runs of blocks in order of size: sizes within a quarter, and a bounded number of cells."""
    ends = [0]
    smallest = 0
    for i, size in enumerate(sizes[ranked].tolist()):
        cells = (i + 1 - ends[-1]) * size * size
        if i == ends[-1]:
            smallest = size
        elif size > smallest * 1.25 + 1 or cells > _BATCH_CELLS:
            ends.append(i)
            smallest = size
    ends.append(len(ranked))
    return [ranked[a:b] for a, b in pairwise(ends) if b > a]
