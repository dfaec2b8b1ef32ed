"""Lists of the API beside the same rows read by hand, on PostgreSQL."""

import os

import orjson
import psycopg
from psycopg.rows import dict_row

from bench.parts.measure import milliseconds, paired, tell
from bench.parts.world import Visitor, set_up

ROWS = 200


def main() -> None:
    set_up("config.urls")
    from accounts.actions import create_token
    from accounts.models.tokens import Scope
    from tests import factories
    from tests.screening.panels import World

    World(candidates=ROWS + 1)
    _row, key = create_token(by=factories.admin(), name="Bench", scopes=Scope.values)
    visitor = Visitor(token=key)
    with psycopg.connect(os.environ["DATABASE_URL"], row_factory=dict_row) as connection:
        for name in ("applications", "candidates", "screenings"):
            compare(visitor, connection, name)


def compare(visitor: Visitor, connection: psycopg.Connection, name: str) -> None:
    path = f"/api/v1/{name}?page_size={ROWS}"
    assert len(orjson.loads(visitor.call(path))["data"]) == ROWS
    [sql] = [one for one in visitor.queries(path) if f"LIMIT {ROWS + 1}" in one]

    def raw() -> bytes:
        rows = connection.execute(sql).fetchall()
        assert len(rows) == ROWS + 1
        return orjson.dumps({"data": rows}, default=str)

    ratio, own, base = paired(lambda: visitor.call(path), raw)
    measured = f"{ratio:.1f} ({milliseconds(own, base)})"
    tell(f"API, 200 {name} / raw psycopg + orjson", "<= 3.5", measured, ratio <= 3.5)


if __name__ == "__main__":
    main()
