"""A schema as a candidate types it: what is read, what is wrong, what can be said for sure."""

import time
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from exercises.ddl import MAX_LENGTH, Analysis, analyse, as_text, erd_svg

SHOP = """\
CREATE TABLE customers (
  id bigserial PRIMARY KEY,
  email text NOT NULL UNIQUE,
  "Balance" double precision DEFAULT 0
);
CREATE TABLE orders (
  id uuid PRIMARY KEY,
  customer_id bigint NOT NULL REFERENCES customers,
  replaces uuid REFERENCES orders (id)
);
CREATE INDEX ON orders (customer_id, id);
"""


def kinds(sql: str) -> set[tuple[str, int]]:
    return {(fact.kind, fact.line) for fact in analyse(sql).facts}


def test_tables_columns_and_lines() -> None:
    read = analyse(SHOP)
    customers, orders = read.tables
    assert [(c.name, c.type, c.line) for c in customers.columns] == [
        ("id", "bigserial", 2),
        ("email", "text", 3),
        ("Balance", "double precision", 4),
    ]
    assert customers.primary_key == ("id",)
    assert [c.not_null for c in customers.columns] == [True, True, False]
    assert orders.line == 6
    assert not read.problems
    assert not read.not_understood


def test_a_reference_without_a_column_means_the_primary_key() -> None:
    relations = {
        (r.from_columns, r.to_table, r.to_columns, r.line) for r in analyse(SHOP).relations
    }
    assert relations == {
        (("customer_id",), "customers", ("id",), 8),
        (("replaces",), "orders", ("id",), 9),
    }


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (a_id int REFERENCES a);",
        "CREATE TABLE b (a_id int REFERENCES a); CREATE TABLE a (id int PRIMARY KEY);",
        "CREATE TABLE a (id int PRIMARY KEY);"
        "CREATE TABLE b (a_id int, FOREIGN KEY (a_id) REFERENCES a);",
        "CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (a_id int);"
        "ALTER TABLE b ADD CONSTRAINT to_a FOREIGN KEY (a_id) REFERENCES a (id);",
        "CREATE TABLE public.a (id int PRIMARY KEY); CREATE TABLE B (x int REFERENCES A);"
        "ALTER TABLE b RENAME COLUMN x TO a_id;",
        "CREATE TABLE old (id int PRIMARY KEY); CREATE TABLE b (a_id int REFERENCES old);"
        "ALTER TABLE old RENAME TO a;",
        "CREATE TABLE a (id int, PRIMARY KEY (id)); CREATE TABLE b (); "
        "ALTER TABLE b ADD COLUMN a_id int REFERENCES a;",
    ],
)
def test_a_foreign_key_however_it_is_written(sql: str) -> None:
    [relation] = analyse(sql).relations
    assert (relation.from_table, relation.from_columns) == ("b", ("a_id",))
    assert (relation.to_table, relation.to_columns) == ("a", ("id",))


def test_what_is_dropped_is_gone() -> None:
    read = analyse(SHOP + "ALTER TABLE orders DROP COLUMN customer_id; DROP TABLE customers;")
    assert [table.name for table in read.tables] == ["orders"]
    assert [relation.from_columns for relation in read.relations] == [("replaces",)]


def test_a_broken_statement_leaves_the_others() -> None:
    read = analyse(SHOP + "CREATE TABLE lines (\n  name text NOT NUL\n);\nCREATE TABLE z (id int);")
    assert [table.name for table in read.tables] == ["customers", "orders", "z"]
    [problem] = read.problems
    assert (problem.line, problem.column) == (13, 13)
    assert "NOT" in problem.message


def test_what_is_not_understood_is_said_and_is_no_mistake() -> None:
    read = analyse("CREATE DOMAIN cents AS bigint;\nTHIS IS NOT VALID SQL;\nSELECT 1;")
    assert [(each.line, each.words) for each in read.not_understood] == [
        (1, "CREATE DOMAIN cents AS"),
        (2, "THIS IS NOT VALID"),
    ]
    assert not read.problems


def test_facts_each_at_its_line() -> None:
    sql = """\
CREATE TABLE wallets (
  owner text,
  balance real,
  opened_at timestamp,
  closed_at timestamptz,
  status text,
  kind text CHECK (kind IN ('a', 'b')),
  shop_id int REFERENCES shops
);"""
    assert kinds(sql) == {
        ("no_primary_key", 1),
        ("money_in_float", 3),
        ("timestamp_without_zone", 4),
        ("unrestricted_choice", 6),
        ("unknown_reference", 8),
        ("foreign_key_without_index", 8),
    }


@pytest.mark.parametrize(
    "more",
    [
        "CREATE INDEX ON b (a_id);",
        "CREATE UNIQUE INDEX ON b (a_id, n);",
        "ALTER TABLE b ADD CONSTRAINT u UNIQUE (a_id, n);",
        "ALTER TABLE b ADD PRIMARY KEY (a_id, n);",
    ],
)
def test_an_index_that_begins_with_the_foreign_key_serves_it(more: str) -> None:
    sql = "CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (n int, a_id int REFERENCES a);"
    assert "foreign_key_without_index" in {kind for kind, _line in kinds(sql)}
    assert "foreign_key_without_index" not in {kind for kind, _line in kinds(sql + more)}


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE p (id int PRIMARY KEY, price float8) ",
        "CREATE TABLE p (id int PRIMARY KEY, ratio real)",
        "CREATE TABLE p (id int PRIMARY KEY, price numeric(12, 2))",
        "CREATE TABLE p PARTITION OF q FOR VALUES FROM (1) TO (2)",
        "CREATE TABLE p AS SELECT 1",
        "CREATE TABLE p (LIKE q INCLUDING ALL)",
        "CREATE TABLE p (id int PRIMARY KEY, status order_status)",
    ],
)
def test_nothing_is_said_that_is_not_sure(sql: str) -> None:
    expected = {("money_in_float", 1)} if "float8" in sql else set()
    assert kinds(sql) == expected


HOSTILE = [
    "'",
    "/* never ends",
    "$$ never ends",
    "CREATE TABLE",
    "CREATE TABLE a (",
    "CREATE TABLE a (b int CHECK " + "(" * 5_000 + "1",
    "((((" * 4_000,
    "SELECT " + "-" * 40_000,
    ";" * 60_000,
    "\x00",
    'CREATE TABLE "<script>alert(1)</script>" ("</svg><img src=x onerror=1>" text)',
    "a" * (MAX_LENGTH + 1),
]


@pytest.mark.parametrize("sql", HOSTILE)
def test_hostile_text_is_read_without_an_error(sql: str) -> None:
    read = analyse(sql)
    assert isinstance(read, Analysis)
    assert "<script" not in erd_svg(read)
    assert "<img" not in erd_svg(read)


@given(st.text(max_size=300))
def test_any_text_is_read(sql: str) -> None:
    read = analyse(f"CREATE TABLE a (id int PRIMARY KEY, {sql}")
    erd_svg(read)
    as_text(read)


def test_the_diagram_is_drawn_whole() -> None:
    svg = ElementTree.fromstring(erd_svg(analyse(SHOP), title="Two tables"))  # noqa: S314
    namespace = "{http://www.w3.org/2000/svg}"
    assert svg.findtext(f"{namespace}title") == "Two tables"
    words = [node.text for node in svg.iter(f"{namespace}text")]
    assert {"customers", "orders", "PK", "FK", "UQ", "double precision?"} <= set(words)
    assert len(svg.findall(f"{namespace}path[@class='erd-edge']")) == 2
    assert erd_svg(Analysis()) == ""


def test_rings_and_many_tables_fit_the_canvas() -> None:
    ring = "".join(
        f"CREATE TABLE t{i} (id int PRIMARY KEY, n int REFERENCES t{(i + 1) % 5});"
        for i in range(5)
    )
    table = "CREATE TABLE m{} (id int PRIMARY KEY, a int REFERENCES m{}, b int REFERENCES m{});"
    many = "".join(table.format(i, i // 2, i // 3) for i in range(60))
    for sql, tables in ((ring, 5), (many, 60)):
        svg = ElementTree.fromstring(erd_svg(analyse(sql)))  # noqa: S314
        width, height = float(svg.attrib["width"]), float(svg.attrib["height"])
        boxes = [
            [float(node.attrib[name]) for name in ("x", "y", "width", "height")]
            for node in svg.iter("{http://www.w3.org/2000/svg}rect")
        ]
        assert len(boxes) == tables
        assert all(x >= 0 and y >= 0 and x + w <= width and y + h <= height for x, y, w, h in boxes)
        overlap = [
            (one, two)
            for place, one in enumerate(boxes)
            for two in boxes[place + 1 :]
            if one[0] < two[0] + two[2]
            and two[0] < one[0] + one[2]
            and one[1] < two[1] + two[3]
            and two[1] < one[1] + one[3]
        ]
        assert not overlap


def test_the_schema_as_text() -> None:
    assert as_text(analyse(SHOP)).splitlines() == [
        "customers",
        "  id bigserial PK not null",
        "  email text UQ not null",
        "  Balance double precision",
        "",
        "orders",
        "  id uuid PK not null",
        "  customer_id bigint FK not null",
        "  replaces uuid FK",
        "",
        "orders (customer_id) → customers (id)",
        "orders (replaces) → orders (id)",
    ]


@pytest.mark.parametrize(
    "path", sorted(Path(settings.LIBRARY_DIR).glob("exercises/*/reference/*schema*.sql")), ids=str
)
def test_the_schemas_of_the_library_are_read(path: Path) -> None:
    read = analyse(path.read_text(encoding="utf-8"))
    assert read.tables
    assert not read.problems


COLUMNS = ",".join(f"a{n} int" for n in range(480))
MANY_KEYS = ",".join(["add unique(a1,z)"] * 350)
MANY_REFERENCES = ",".join(["add foreign key(a1,a2) references t"] * 200)
COSTLY = {
    "subscripts": ("select a" + "[1]" * 900 + ";") * 6,
    "calls of a part": ("select a" + ".b()" * 700 + ";") * 6,
    "brackets": ("create table t(a int" + "[]" * 1_400 + ");") * 6,
    "sums": "select 1" + "+1" * 29_000,
    "one long key": f"create table t({COLUMNS},foreign key({'z,' * 14_000}z) references t);",
    "keys and references": f"create table t({COLUMNS});"
    f"alter table t {MANY_KEYS};alter table t {MANY_KEYS};"
    + f"alter table t {MANY_REFERENCES};"
    * 4,
    "columns": "create table t(" + ",".join(["a int"] * 9_900) + ");",
    "parts": f"create table t({COLUMNS});alter table t " + ",".join(["drop z"] * 9_000),
}


@pytest.mark.parametrize("sql", COSTLY.values(), ids=COSTLY.keys())
def test_no_text_keeps_the_server_busy(sql: str) -> None:
    began = time.process_time()
    read = analyse(sql[:MAX_LENGTH])
    erd_svg(read)
    as_text(read)
    assert time.process_time() - began < 2


def test_a_long_name_is_cut_as_postgresql_cuts_it_and_is_not_told_a_thousand_times() -> None:
    columns = ",".join(f"a{n} int references t" for n in range(400))
    read = analyse(f'create table "{"A" * 20_000}"({columns});')
    assert read.tables[0].name == "A" * 63
    assert len(erd_svg(read)) + len(as_text(read)) < 600_000


def test_a_statement_too_long_to_be_read_is_said_so_and_the_next_one_is_read() -> None:
    read = analyse("select 1" + "+1" * 2_000 + ";\ncreate table t(a int primary key);")
    assert [(one.line, one.message) for one in read.problems] == [
        (1, "this statement is too long to be read: write it as several")
    ]
    assert [table.name for table in read.tables] == ["t"]


# --- what is there already

HOUSES = "CREATE TABLE houses (id int PRIMARY KEY, price float);\nCREATE TABLE people (id int);\n"


def test_given_tables_can_be_referred_to_and_nothing_is_said_of_them() -> None:
    sql = "CREATE TABLE rooms (id int PRIMARY KEY, house_id int REFERENCES houses, at timestamp);"
    read = analyse(sql, given=HOUSES)
    assert [(table.name, table.is_given) for table in read.tables] == [
        ("houses", True),
        ("rooms", False),
    ]
    assert {fact.kind for fact in read.facts} == {
        "foreign_key_without_index",
        "timestamp_without_zone",
    }
    assert read.relations[0].to_columns == ("id",)
    assert "houses (given)" in as_text(read)
    assert erd_svg(read).count("stroke-dasharray") == 1
    assert "unknown_reference" in {fact.kind for fact in analyse(sql).facts}


def test_a_given_table_that_is_changed_is_drawn_and_only_the_change_is_judged() -> None:
    added = "\n\nALTER TABLE people ADD fee float, ADD house_id int REFERENCES houses;"
    read = analyse(added, given=HOUSES)
    assert [table.name for table in read.tables] == ["houses", "people"]
    assert [(fact.kind, fact.line) for fact in read.facts] == [
        ("foreign_key_without_index", 3),
        ("money_in_float", 3),
    ]
    written_anew = analyse("CREATE TABLE people (id int);", given=HOUSES)
    assert [fact.kind for fact in written_anew.facts] == ["no_primary_key"]


@pytest.mark.parametrize("broken", ["CREATE TABLE (", "'", "x" * (MAX_LENGTH + 1), "SELECT 1"])
def test_what_is_given_is_never_a_problem(broken: str) -> None:
    read = analyse("CREATE TABLE a (id int PRIMARY KEY);", given=broken)
    assert (len(read.tables), read.problems, read.not_understood) == (1, (), ())


@pytest.mark.parametrize("slug", ["room-booking", "tenant-roles", "wallet-ledger"])
def test_references_of_the_library_refer_to_nothing_unknown(slug: str) -> None:
    home = Path(settings.LIBRARY_DIR) / "exercises" / slug
    starter = "".join(path.read_text() for path in (home / "artefacts").glob("*.sql"))
    read = analyse((home / "reference" / "schema.sql").read_text(), given=starter)
    assert not [fact.words for fact in read.facts if fact.kind == "unknown_reference"]
    assert any(table.is_given for table in read.tables)
