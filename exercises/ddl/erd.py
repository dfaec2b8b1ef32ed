"""The diagram of a schema as SVG, and the same as text.

A table's column is its depth along foreign keys: what refers stands right of what it refers to.
Within a column, tables are ordered by the mean place of their neighbours (barycentre heuristic
of Sugiyama, Tagawa and Toda, 1981). Edges run at right angles, from the referring column's row to
the row it refers to. Marks have a class, for the screen, and the print colour as an attribute.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape

from exercises.ddl.schema import Analysis, Column, Relation, Table

ROW, HEAD, FOOT = 20, 26, 6
CHARACTER = 7.25  # px, of 12 px monospace
LONGEST_NAME, LONGEST_TYPE = 28, 20
GAP, LANE, SPACE, MARGIN = 40, 7, 22, 12
INK, INK_2, INK_3, LINE, ACCENT, PAPER, SUNKEN = (
    *("#0f1a1a", "#40504e", "#5a6967", "#7a8786"),
    *("#0a5c63", "#ffffff", "#ecf0ef"),
)


@dataclass
class Box:
    """A table on the canvas; x and y in px of its upper left corner."""

    table: Table
    width: float
    height: float
    x: float = 0
    y: float = 0

    def row_of(self, columns: Sequence[str]) -> float:
        """The middle of the row of the first of these columns; of the head if there is none."""
        for place, column in enumerate(self.table.columns):
            if columns and column.name == columns[0]:
                return self.y + HEAD + (place + 0.5) * ROW
        return self.y + HEAD / 2


@dataclass
class Layout:
    boxes: dict[str, Box]
    columns: list[list[Box]]
    width: float = 0
    height: float = 0
    edges: list[tuple[Relation, list[tuple[float, float]]]] = field(default_factory=list)


def erd_svg(analysis: Analysis, *, title: str = "") -> str:
    """One SVG; empty text if there is no table. Its <title> is `title` or a count in English."""
    if not analysis.tables:
        return ""
    layout = _laid_out(analysis)
    said = title or f"{len(analysis.tables)} tables, {len(layout.edges)} relationships"
    marks = [*map(_edge, layout.edges), *map(_box, layout.boxes.values())]
    size = f'width="{layout.width:g}" height="{layout.height:g}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="erd" role="img" {size}'
        f' viewBox="0 0 {layout.width:g} {layout.height:g}" font-family="monospace" font-size="12">'
        f"<title>{escape(said)}</title>{''.join(marks)}</svg>"
    )


def as_text(analysis: Analysis) -> str:
    """Table by table: columns with type and marks, then what refers to what."""
    parts = []
    for table in analysis.tables:
        rows = [f"  {column.name} {_described(column)}".rstrip() for column in table.columns]
        several = len(table.primary_key) > 1
        key = [f"  primary key ({', '.join(table.primary_key)})"] if several else []
        name = f"{table.name} (given)" if table.is_given else table.name
        parts.append("\n".join([name, *rows, *key]))
    if analysis.relations:
        parts.append("\n".join(map(_arrow, analysis.relations)))
    return "\n\n".join(parts)


def _described(column: Column) -> str:
    marks = [column.type, *_marks(column), "not null" if column.not_null else ""]
    return " ".join(filter(None, marks))


def _marks(column: Column) -> list[str]:
    return [
        word
        for word, is_so in (
            ("PK", column.is_pk),
            ("FK", bool(column.refers_to)),
            ("UQ", column.is_unique and not column.is_pk),
        )
        if is_so
    ]


def _arrow(relation: Relation) -> str:
    source = f"{relation.from_table} ({', '.join(relation.from_columns)})"
    columns = f" ({', '.join(relation.to_columns)})" if relation.to_columns else ""
    return f"{source} → {relation.to_table}{columns}"


# --- layout ---------------------------------------------------------------------------------------


def _laid_out(analysis: Analysis) -> Layout:
    boxes = {table.name: _sized(table) for table in analysis.tables}
    drawn = [each for each in analysis.relations if each.to_table in boxes]
    depths = _depths(list(boxes), drawn)
    columns: list[list[Box]] = [[] for _ in range(max(depths.values()) + 1)]
    for name, box in boxes.items():
        columns[depths[name]].append(box)
    _order(columns, drawn)
    layout = Layout(boxes, columns)
    lanes = _lanes(columns, drawn, depths)
    _place(layout, lanes)
    _route(layout, drawn, depths)
    return layout


def _sized(table: Table) -> Box:
    rows = [
        len(_cut(column.name, LONGEST_NAME)) + len(_cut(column.type, LONGEST_TYPE)) + 9
        for column in table.columns
    ]
    widest = max([len(_cut(table.name, LONGEST_NAME)) + 4, *rows])
    height = HEAD + len(table.columns) * ROW + (FOOT if table.columns else 0)
    return Box(table, round(widest * CHARACTER) + 16, height)


def _depths(names: Sequence[str], relations: Iterable[Relation]) -> dict[str, int]:
    """How far each table stands from those that refer to nothing; a ring is cut where it closes."""
    targets: dict[str, list[str]] = {name: [] for name in names}
    for relation in relations:
        if relation.to_table != relation.from_table:
            targets[relation.from_table].append(relation.to_table)
    depths: dict[str, int] = {}
    open_: set[str] = set()
    for start in names:
        stack = [start]
        while stack:
            name = stack[-1]
            open_.add(name)
            waiting = [t for t in targets[name] if t not in depths and t not in open_]
            if waiting:
                stack.append(waiting[0])
                continue
            stack.pop()
            open_.discard(name)
            if name not in depths:
                depths[name] = 1 + max((depths.get(t, -1) for t in targets[name]), default=-1)
    return depths


def _order(columns: list[list[Box]], relations: Sequence[Relation]) -> None:
    neighbours: dict[str, set[str]] = {}
    for each in relations:
        neighbours.setdefault(each.from_table, set()).add(each.to_table)
        neighbours.setdefault(each.to_table, set()).add(each.from_table)
    for sweep in (columns[1:], columns[-2::-1], columns[1:]):
        places = {
            box.table.name: place / max(1, len(column))
            for column in columns
            for place, box in enumerate(column)
        }
        for column in sweep:
            weights = {box.table.name: _mean(box.table.name, neighbours, places) for box in column}
            column.sort(key=lambda box: weights[box.table.name])
            places |= {box.table.name: n / max(1, len(column)) for n, box in enumerate(column)}


def _mean(name: str, neighbours: dict[str, set[str]], places: dict[str, float]) -> float:
    own = [places[other] for other in sorted(neighbours.get(name, ()))]
    return sum(own) / len(own) if own else places[name]


def _lanes(
    columns: list[list[Box]], relations: Iterable[Relation], depths: dict[str, int]
) -> list[int]:
    """How many edges turn in the gap left of each column, and right of the last one."""
    counts = [0] * (len(columns) + 1)
    for each in relations:
        source, target = depths[each.from_table], depths[each.to_table]
        if source > target:
            counts[source] += 1
            counts[target + 1] += int(source > target + 1)
        else:
            counts[source + 1] += 1
            counts[target + 1] += int(source != target)
    return counts


def _place(layout: Layout, lanes: list[int]) -> None:
    long_edges = sum(lanes)
    top = MARGIN + min(long_edges, 24) * LANE * 0.5
    x = float(MARGIN)
    for number, column in enumerate(layout.columns):
        x += (GAP + lanes[number] * LANE) if number or lanes[0] else 0
        y = top
        for box in column:
            box.x, box.y = x, y
            y += box.height + SPACE
        layout.height = max(layout.height, y - SPACE + MARGIN)
        x += max(box.width for box in column)
    layout.width = x + MARGIN + (GAP + lanes[-1] * LANE if lanes[-1] else 0)


def _route(layout: Layout, relations: Iterable[Relation], depths: dict[str, int]) -> None:
    taken = [0] * (len(layout.columns) + 1)
    overhead = 0

    def lane(gap: int) -> float:
        taken[gap] += 1
        if gap < len(layout.columns):
            left = min(box.x for box in layout.columns[gap])
            return left - GAP / 2 - (taken[gap] - 1) * LANE
        right = max(box.x + box.width for box in layout.columns[gap - 1])
        return right + GAP / 2 + (taken[gap] - 1) * LANE

    for each in relations:
        source, target = layout.boxes[each.from_table], layout.boxes[each.to_table]
        start_y, end_y = source.row_of(each.from_columns), target.row_of(each.to_columns)
        near, far = depths[each.from_table], depths[each.to_table]
        leaves_left = near > far
        start_x = source.x if leaves_left else source.x + source.width
        end_x = target.x + target.width
        first = lane(near if leaves_left else near + 1)
        points = [(start_x, start_y), (first, start_y)]
        is_next_to = near == far + 1 or near == far
        if not is_next_to:
            # Over the tables between, each long edge at a height of its own.
            overhead += 1
            y = MARGIN / 2 + (overhead % 24) * LANE * 0.5
            last = lane(far + 1)
            points += [(first, y), (last, y), (last, end_y)]
        else:
            points.append((first, end_y))
        points.append((end_x, end_y))
        layout.edges.append((each, points))


# --- marks ----------------------------------------------------------------------------------------


def _edge(drawn: tuple[Relation, list[tuple[float, float]]]) -> str:
    relation, points = drawn
    way = " ".join(
        f"{'M' if not number else 'L'}{x:g} {y:g}" for number, (x, y) in enumerate(points)
    )
    x, y = points[-1]
    side = 1 if points[-2][0] > x else -1
    head = f"M{x + side * 7:g} {y - 4:g}L{x:g} {y:g}L{x + side * 7:g} {y + 4:g}"
    return (
        f'<path class="erd-edge" d="{way} {head}" fill="none" stroke="{ACCENT}">'
        f"<title>{escape(_arrow(relation))}</title></path>"
    )


def _box(box: Box) -> str:
    name = _cut(box.table.name, LONGEST_NAME)
    width, height = f"{box.width:g}", f"{box.height:g}"
    place = f'x="{box.x:g}" y="{box.y:g}" width="{width}"'
    edge = f'stroke="{LINE}"' + (' stroke-dasharray="4 3"' if box.table.is_given else "")
    marks = [
        f'<rect class="erd-box" {place} height="{height}" rx="4" fill="{PAPER}" {edge}/>',
        f'<path class="erd-rule" d="M{box.x:g} {box.y + HEAD:g}h{width}" stroke="{LINE}"/>',
        _text("erd-name", box.x + 8, box.y + 17, name, INK, ' font-weight="600"'),
    ]
    for number, column in enumerate(box.table.columns):
        y = box.y + HEAD + number * ROW + 14
        keys = " ".join(_marks(column))
        is_open = not (column.not_null or column.is_pk)
        kind = _cut(column.type, LONGEST_TYPE) + ("?" if is_open and column.type else "")
        marks.append(_text("erd-column", box.x + 8, y, _cut(column.name, LONGEST_NAME), INK))
        right = box.x + box.width - 8
        if keys:
            marks.append(_text("erd-key", right, y, keys, ACCENT, ' text-anchor="end"'))
        left = right - (len(keys) + 1 if keys else 0) * CHARACTER
        marks.append(_text("erd-type", left, y, kind, INK_3, ' text-anchor="end"'))
    return "".join(marks)


def _text(css: str, x: float, y: float, words: str, colour: str, more: str = "") -> str:
    return (
        f'<text class="{css}" x="{x:g}" y="{y:g}" fill="{colour}"{more}>{escape(words)}</text>'
        if words
        else ""
    )


def _cut(words: str, longest: int) -> str:
    return words if len(words) <= longest else words[: longest - 1] + "…"
