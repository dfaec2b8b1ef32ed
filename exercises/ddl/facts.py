"""What can be said of a schema without guessing at its meaning."""

from collections.abc import Iterable, Iterator, Sequence

from exercises.ddl.schema import Column, Fact, Relation, Table

FLOATS = frozenset({"FLOAT", "DOUBLE"})
TEXTS = frozenset({"TEXT", "VARCHAR", "CHAR", "NVARCHAR", "NCHAR"})
MONEY = frozenset(
    """amount balance budget charge cost credit debit deposit discount fee fine paid payment payout
    price refund rent revenue salary subtotal tax tip total vat wage""".split()  # noqa: SIM905
)
CHOICES = frozenset(
    """category currency gender kind language level mode outcome phase priority role severity state
    status type unit""".split()  # noqa: SIM905
)

WORDS = {
    "no_primary_key": "{table} has no primary key",
    "foreign_key_without_index": "no index begins with the foreign key {table} ({columns})",
    "money_in_float": "{table}.{columns} keeps money in a {type}",
    "timestamp_without_zone": "{table}.{columns} is a timestamp without time zone",
    "unrestricted_choice": "{table}.{columns} is free text: no check, type or key limits it",
    "unknown_reference": "{table} ({columns}) refers to {other}, which is not in this schema",
}


def facts(tables: Sequence[Table], relations: Sequence[Relation]) -> tuple[Fact, ...]:
    """Hints in the order of their lines. A table made from another one is not judged whole, and of
    what was given only what was added."""
    found = [fact for table in tables for fact in _of_table(table, relations)]
    found += _of_relations(tables, relations)
    return tuple(sorted(found, key=lambda fact: (fact.line, fact.words)))


def _fact(kind: str, line: int, table: str, columns: Iterable[str] = (), **more: str) -> Fact:
    words = WORDS[kind].format(table=table, columns=", ".join(columns), **more)
    return Fact(line, kind, table, words)


def _of_table(table: Table, relations: Sequence[Relation]) -> Iterator[Fact]:
    if not table.primary_key and not (table.is_derived or table.is_given):
        yield _fact("no_primary_key", table.line, table.name)
    referring = {
        name
        for relation in relations
        if relation.from_table == table.name
        for name in relation.from_columns
    }
    for column in table.columns:
        if column.is_given:
            continue
        at = (column.line, table.name, [column.name])
        words = _words(column.name)
        if column.kind in FLOATS and words & MONEY:
            yield _fact("money_in_float", *at, type=column.type)
        if column.kind == "TIMESTAMP":
            yield _fact("timestamp_without_zone", *at)
        if _is_free_choice(column, words) and column.name not in referring:
            yield _fact("unrestricted_choice", *at)


def _words(name: str) -> set[str]:
    """The words of a name in the singular: total_prices → total, price."""
    words = name.lower().split("_")
    return {word for each in words for word in (each, each.removesuffix("s"))}


def _is_free_choice(column: Column, words: set[str]) -> bool:
    last = column.name.lower().split("_")[-1]
    return column.kind in TEXTS and not column.is_checked and bool(words & CHOICES & {last})


def _of_relations(tables: Sequence[Table], relations: Sequence[Relation]) -> Iterator[Fact]:
    by_name = {table.name: table for table in tables}
    begun: dict[tuple[str, int], set[frozenset[str]]] = {}
    for relation in relations:
        at = (relation.line, relation.from_table, relation.from_columns)
        if relation.to_table not in by_name:
            yield _fact("unknown_reference", *at, other=relation.to_table)
        source = by_name.get(relation.from_table)
        if source and not source.is_derived and not _is_indexed(source, relation, begun):
            yield _fact("foreign_key_without_index", *at)


def _is_indexed(
    table: Table, relation: Relation, begun: dict[tuple[str, int], set[frozenset[str]]]
) -> bool:
    """Whether a key or index begins with its columns, in any order among themselves.

    `begun` remembers how the keys of a table begin, for each length that was asked for.
    """
    size = len(relation.from_columns)
    if (table.name, size) not in begun:
        begun[table.name, size] = {frozenset(key[:size]) for key in table.keys}
    return frozenset(relation.from_columns) in begun[table.name, size]
