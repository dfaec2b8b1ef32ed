"""What a schema is made of, as it was read. Lines count from 1 in the text."""

from dataclasses import dataclass, field


@dataclass
class Column:
    """`type` is as written, in lower case; `is_text` and the like say what is sure of it."""

    name: str
    type: str
    line: int
    kind: str = ""  # the parser's name of the type: TEXT, DOUBLE, TIMESTAMP …
    is_pk: bool = False
    is_unique: bool = False
    not_null: bool = False
    is_checked: bool = False
    refers_to: str = ""  # "table" or "table.column", for reading
    is_given: bool = False


@dataclass
class Table:
    """`keys` holds the columns of every primary key, unique constraint and index, in order."""

    name: str
    line: int
    columns: list[Column] = field(default_factory=list)
    primary_key: tuple[str, ...] = ()
    keys: list[tuple[str, ...]] = field(default_factory=list)
    # Made from another table (AS, LIKE, INHERITS, PARTITION OF): not all it has is written here.
    is_derived: bool = False
    # It was there before the text began; the text may have changed it since.
    is_given: bool = False
    is_changed: bool = False

    def column(self, name: str) -> Column | None:
        return next((column for column in self.columns if column.name == name), None)


@dataclass(frozen=True)
class Relation:
    """A foreign key. `to_columns` is the target's primary key where none was written."""

    from_table: str
    from_columns: tuple[str, ...]
    to_table: str
    to_columns: tuple[str, ...]
    line: int


@dataclass(frozen=True)
class Problem:
    """A place where the text cannot be SQL; column counts from 1."""

    line: int
    column: int
    message: str


@dataclass(frozen=True)
class NotUnderstood:
    """A statement that the parser passes over: not wrong for that."""

    line: int
    words: str


@dataclass(frozen=True)
class Fact:
    """One hint at one line; `kind` is a key of `facts.WORDS`, `words` the English sentence."""

    line: int
    kind: str
    table: str
    words: str


@dataclass(frozen=True)
class Analysis:
    tables: tuple[Table, ...] = ()
    relations: tuple[Relation, ...] = ()
    problems: tuple[Problem, ...] = ()
    not_understood: tuple[NotUnderstood, ...] = ()
    facts: tuple[Fact, ...] = ()

    def table(self, name: str) -> Table | None:
        return next((table for table in self.tables if table.name == name), None)
