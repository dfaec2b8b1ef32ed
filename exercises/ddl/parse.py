"""SQL text → tables, relations, problems. sqlglot reads it; it is lenient by design.

sqlglot is no validator (its issue 7844): what it takes for something else, or gives up on, is
listed as not understood, and nobody's work is scored by it.
"""

import logging
from collections.abc import Iterable, Sequence
from typing import Any

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import ErrorLevel, ParseError, TokenError
from sqlglot.tokenizer_core import Token

from exercises.ddl.facts import facts
from exercises.ddl.schema import Analysis, Column, NotUnderstood, Problem, Relation, Table
from exercises.ddl.statements import chains, line_of, statements

# Its warnings quote the text, which is a candidate's and belongs into no log.
logging.getLogger("sqlglot").setLevel(logging.CRITICAL)

MAX_LENGTH = 60_000
MAX_STATEMENTS = 1_000
MAX_TABLES = 200
# What parsing costs grows with these, in places with their square.
MAX_TOKENS = 20_000
MAX_IN_STATEMENT = 3_000
# a[1][1][1], a.b().b(): the parser walks all that stands before, for each.
MAX_CHAINED = 40
MAX_CHAINED_IN_ALL = 400
MAX_COLUMNS = 500
# PostgreSQL's own: letters of a name, columns of a key.
MAX_NAME = 63
MAX_IN_KEY = 32
# Statements that are understood and draw nothing.
SILENT = (
    *(exp.Create, exp.Drop, exp.Comment, exp.Query, exp.DML, exp.Set, exp.Transaction),
    *(exp.Commit, exp.Rollback, exp.Grant, exp.TruncateTable, exp.Analyze),
)


def analyse(sql: str, dialect: str = "postgres", *, given: str = "") -> Analysis:
    """Reads up to MAX_LENGTH characters; never raises, whatever the text is.

    One broken statement is a problem of its own: the others are read all the same. `given` is the
    SQL of what is there already: its tables can be referred to and changed, those that are belong
    to the result, and no problem or fact is told of them.
    """
    language = Dialect.get_or_raise(dialect)
    reader = _Reader(language, sql, _given(language, given) if given else {})
    reader.read_all()
    return reader.analysis()


def _given(dialect: Dialect, sql: str) -> dict[str, Table]:
    reader = _Reader(dialect, sql, {})
    reader.read_all()
    for table in reader.tables.values():
        table.is_given, table.is_changed = True, False
        for column in table.columns:
            column.is_given = True
    return reader.tables


def _name(node: Any) -> str:
    """A table's or column's name as PostgreSQL folds it; `public.` is left out."""
    if isinstance(node, exp.Schema):
        node = node.this
    if isinstance(node, exp.Table):
        parts = [_name(part) for part in node.parts]
        return ".".join(parts[1:] if parts[0] == "public" and len(parts) > 1 else parts)
    identifier = node if isinstance(node, exp.Identifier) else node.find(exp.Identifier)
    if identifier is None:
        return str(node.name).lower()[:MAX_NAME]
    name = str(identifier.this)[:MAX_NAME]
    return name if identifier.args.get("quoted") else name.lower()


def _names(nodes: Iterable[Any]) -> tuple[str, ...]:
    return tuple(_name(node) for node in nodes)


def _key(nodes: Sequence[Any]) -> tuple[str, ...]:
    return _names(nodes[:MAX_IN_KEY])


class _Reader:
    """The schema as it stands after each statement."""

    def __init__(self, dialect: Dialect, sql: str, tables: dict[str, Table]) -> None:
        self.dialect = dialect
        self.sql = sql
        self.tables = tables
        self.relations: list[Relation] = []
        self.problems: list[Problem] = []
        self.not_understood: list[NotUnderstood] = []
        # A schema uses a handful of types, and writing one out costs more than reading it.
        self.types: dict[Any, str] = {}

    def problem(self, line: int, message: str) -> None:
        self.problems.append(Problem(line, 1, message))

    def read_all(self) -> None:
        if len(self.sql) > MAX_LENGTH:
            self.problem(1, f"more than {MAX_LENGTH:,} characters: keep the schema shorter")
            return
        try:
            tokens = self.dialect.tokenize(self.sql)
        except TokenError as error:
            line = line_of(error, self.sql)
            self.problem(line, "a quote, comment or name does not end here")
            return
        taken = chained = 0
        for number, statement in enumerate(statements(tokens)):
            taken, chained = taken + len(statement), chained + chains(statement)
            is_costly = taken > MAX_TOKENS or chained > MAX_CHAINED_IN_ALL
            if number == MAX_STATEMENTS or len(self.tables) > MAX_TABLES or is_costly:
                self.problem(statement[0].line, "too many statements: what follows is not read")
                break
            self.read(statement)

    def read(self, tokens: list[Token]) -> None:
        first = tokens[0]
        if len(tokens) > MAX_IN_STATEMENT or chains(tokens) > MAX_CHAINED:
            self.problem(first.line, "this statement is too long to be read: write it as several")
            return
        try:
            parser = self.dialect.parser(error_level=ErrorLevel.RAISE)
            [tree] = parser.parse(tokens, self.sql)
            self._take(tree, first)
        except ParseError as error:
            self._wrong(error, first)
        except RecursionError:
            self.problem(first.line, "nested too deeply to be read")
        except (AttributeError, KeyError, TypeError, ValueError):
            # A tree of a shape that was not foreseen is no mistake of whoever wrote it.
            self._passed_over(tokens)

    def _take(self, tree: Any, first: Token) -> None:
        if isinstance(tree, exp.Create) and tree.kind == "TABLE":
            self._create_table(tree, first.line)
        elif isinstance(tree, exp.Create) and tree.kind == "INDEX":
            self._create_index(tree.this)
        elif isinstance(tree, exp.Alter) and tree.args.get("kind") == "TABLE":
            self._alter(tree, first.line)
        elif isinstance(tree, exp.Drop) and tree.args.get("kind") == "TABLE":
            self._drop(tree)
        elif not isinstance(tree, SILENT):
            raise ValueError("no statement that is known here")

    def _passed_over(self, tokens: list[Token]) -> None:
        words = " ".join(token.text for token in tokens[:4])
        self.not_understood.append(NotUnderstood(tokens[0].line, words[:60]))

    def _wrong(self, error: ParseError, first: Token) -> None:
        for found in error.errors[:1]:
            line, word = found["line"] or first.line, str(found["highlight"] or "")
            said = str(found["description"]).partition(" but got")[0].rstrip(".")
            said = said[:1].lower() + said[1:]
            column = max(1, (found["col"] or 1) - len(word) + 1)
            near = f" near “{word[:40]}”" if word.strip() else ""
            self.problems.append(Problem(line, column, said + near))

    # --- tables ---------------------------------------------------------------------------------

    def _create_table(self, tree: exp.Create, line: int) -> None:
        name = _name(tree.this)
        if name in self.tables and tree.args.get("exists"):
            return
        table = Table(name=name, line=line)
        kinds = (exp.LikeProperty, exp.InheritsProperty, exp.PartitionedOfProperty)
        table.is_derived = bool(tree.args.get("expression") or tree.find(*kinds))
        self.tables[name] = table
        if isinstance(tree.this, exp.Schema):
            for part in tree.this.expressions:
                self._part(table, part, line)

    def _part(self, table: Table, part: Any, line: int) -> None:
        """One line of a CREATE TABLE, or one action of an ALTER TABLE that adds."""
        if isinstance(part, exp.ColumnDef):
            self._column(table, part, line)
        elif isinstance(part, exp.Constraint):
            for inner in part.expressions:
                self._part(table, inner, _line(part, line))
        elif isinstance(part, exp.PrimaryKey):
            self._primary_key(table, _key(part.expressions))
        elif isinstance(part, exp.UniqueColumnConstraint):
            self._unique(table, _key(part.this.expressions))
        elif isinstance(part, exp.ForeignKey):
            columns = _key(part.expressions)
            self._refer(table, columns, part.args["reference"], _line(part, line))
        elif isinstance(part, exp.CheckColumnConstraint):
            self._check(table, part)

    def _column(self, table: Table, part: exp.ColumnDef, line: int) -> None:
        if len(table.columns) >= MAX_COLUMNS:
            return
        kind = part.args.get("kind")
        column = Column(
            name=_name(part.this),
            type=self._type(kind) if kind else "",
            line=_line(part, line),
            kind=kind.this.name if kind and isinstance(kind.this, exp.DType) else "",
        )
        table.columns.append(column)
        for constraint in part.args.get("constraints") or ():
            self._of_column(table, column, constraint.args["kind"])

    def _type(self, kind: Any) -> str:
        if kind not in self.types:
            self.types[kind] = kind.sql(dialect=self.dialect).lower()
        return self.types[kind]

    def _of_column(self, table: Table, column: Column, constraint: Any) -> None:
        if isinstance(constraint, exp.PrimaryKeyColumnConstraint):
            self._primary_key(table, (column.name,))
        elif isinstance(constraint, exp.UniqueColumnConstraint):
            self._unique(table, (column.name,))
        elif isinstance(constraint, exp.NotNullColumnConstraint):
            column.not_null = not constraint.args.get("allow_null")
        elif isinstance(constraint, exp.CheckColumnConstraint):
            self._check(table, constraint)
            column.is_checked = True
        elif isinstance(constraint, exp.Reference):
            self._refer(table, (column.name,), constraint, column.line)

    def _primary_key(self, table: Table, columns: tuple[str, ...]) -> None:
        table.primary_key = columns
        table.keys.append(columns)
        for column in table.columns:
            if column.name in columns:
                column.is_pk = column.not_null = True

    def _unique(self, table: Table, columns: tuple[str, ...]) -> None:
        table.keys.append(columns)
        column = table.column(columns[0]) if len(columns) == 1 else None
        if column:
            column.is_unique = True

    def _check(self, table: Table, constraint: exp.Expr) -> None:
        mentioned = set(_names(constraint.find_all(exp.Column)))
        for column in table.columns:
            column.is_checked |= column.name in mentioned

    def _refer(
        self, table: Table, columns: tuple[str, ...], reference: exp.Reference, line: int
    ) -> None:
        target = reference.this
        named = _key(target.expressions) if isinstance(target, exp.Schema) else ()
        self.relations.append(Relation(table.name, columns, _name(target), named, line))

    # --- what comes after -----------------------------------------------------------------------

    def _create_index(self, index: exp.Index) -> None:
        table = self.tables.get(_name(index.args["table"]))
        if table is None:
            return
        params = index.args.get("params")
        columns = [
            _name(part.this) if isinstance(part.this, exp.Column) else ""
            for part in ((params.args.get("columns") if params else None) or ())[:MAX_IN_KEY]
        ]
        table.keys.append(tuple(columns))

    def _alter(self, tree: exp.Alter, line: int) -> None:
        table = self.tables.get(_name(tree.this))
        if table is None:
            return
        table.is_changed = True
        for action in tree.args.get("actions") or ():
            if isinstance(action, exp.AddConstraint | exp.ColumnDef):
                added = action.expressions if isinstance(action, exp.AddConstraint) else [action]
                for part in added:
                    self._part(table, part, line)
            else:
                self._change(table, action)

    def _change(self, table: Table, action: Any) -> None:
        if isinstance(action, exp.Drop) and action.args.get("kind") == "COLUMN":
            self._drop_columns(table, set(_names(action.args["tables"])))
        elif isinstance(action, exp.RenameColumn):
            self._rename_column(table, _name(action.this), _name(action.args["to"]))
        elif isinstance(action, exp.AlterRename):
            self._rename_table(table, _name(action.this))
        elif isinstance(action, exp.AlterColumn):
            self._alter_column(table, action)

    def _alter_column(self, table: Table, action: exp.AlterColumn) -> None:
        column = table.column(_name(action.this))
        if column is None:
            return
        if action.args.get("allow_null") is not None:
            column.not_null = not action.args["allow_null"]
        kind = action.args.get("dtype")
        if kind is not None:
            column.type = kind.sql(dialect=self.dialect).lower()
            column.kind = kind.this.name if isinstance(kind.this, exp.DType) else ""

    def _drop(self, tree: exp.Drop) -> None:
        for name in _names(tree.args.get("tables") or ()):
            self.tables.pop(name, None)
            self.relations = [each for each in self.relations if each.from_table != name]

    def _drop_columns(self, table: Table, names: set[str]) -> None:
        table.columns = [column for column in table.columns if column.name not in names]
        table.keys = [key for key in table.keys if not names & set(key)]
        if names & set(table.primary_key):
            table.primary_key = ()
        self.relations = [
            each
            for each in self.relations
            if each.from_table != table.name or not names & set(each.from_columns)
        ]

    def _rename_column(self, table: Table, old: str, new: str) -> None:
        def renamed(columns: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(new if name == old else name for name in columns)

        for column in table.columns:
            column.name = new if column.name == old else column.name
        table.primary_key = renamed(table.primary_key)
        table.keys = [renamed(key) for key in table.keys]
        self.relations = [
            Relation(
                each.from_table,
                renamed(each.from_columns) if each.from_table == table.name else each.from_columns,
                each.to_table,
                renamed(each.to_columns) if each.to_table == table.name else each.to_columns,
                each.line,
            )
            for each in self.relations
        ]

    def _rename_table(self, table: Table, new: str) -> None:
        old = table.name
        self.tables = {(new if name == old else name): each for name, each in self.tables.items()}
        table.name = new
        self.relations = [
            Relation(
                new if each.from_table == old else each.from_table,
                each.from_columns,
                new if each.to_table == old else each.to_table,
                each.to_columns,
                each.line,
            )
            for each in self.relations
        ]

    # --- the whole ------------------------------------------------------------------------------

    def analysis(self) -> Analysis:
        relations = tuple(dict.fromkeys(self._resolved(each) for each in self.relations))
        needed = {each.to_table for each in relations}
        tables = tuple(
            table
            for table in self.tables.values()
            if not table.is_given or table.is_changed or table.name in needed
        )
        for relation in relations:
            self._mark(relation)
        return Analysis(
            tables=tables,
            relations=relations,
            problems=tuple(sorted(self.problems, key=lambda each: (each.line, each.column))),
            not_understood=tuple(self.not_understood),
            facts=facts(tables, relations),
        )

    def _resolved(self, relation: Relation) -> Relation:
        """`REFERENCES t` alone means the primary key of t."""
        target = self.tables.get(relation.to_table)
        columns = relation.to_columns or (target.primary_key if target else ())
        return Relation(
            relation.from_table,
            relation.from_columns,
            relation.to_table,
            columns,
            relation.line,
        )

    def _mark(self, relation: Relation) -> None:
        source = self.tables.get(relation.from_table)
        for place, name in enumerate(relation.from_columns):
            column = source.column(name) if source else None
            if column:
                to = relation.to_columns[place : place + 1]
                column.refers_to = ".".join((relation.to_table, *to))


def _line(node: exp.Expr, otherwise: int) -> int:
    """The line of the first name in it; only names know where they stand."""
    for identifier in node.find_all(exp.Identifier):
        if "line" in identifier.meta:
            return int(identifier.meta["line"])
    return otherwise
