"""What makes reading many rows cheap. PostgreSQL's rows cost most in times and in lists of ids."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, F, Func, Value


class Among(Func):
    """Whether the column holds one of these ids, for `filter()`: one parameter, however many.

    Django prepares, quotes and sends each value of an `__in` by itself, which for a page of 200
    costs more than its rows.
    """

    output_field = BooleanField()

    def __init__(self, column: str, pks: Iterable[UUID]) -> None:
        super().__init__(F(column), Value(json.dumps([pk.hex for pk in pks])))

    def as_postgresql(self, compiler: Any, connection: Any) -> Any:
        return self.as_sql(
            compiler,
            connection,
            template="%(expressions)s, '[]', '{}')::uuid[])",
            arg_joiner=" = ANY(translate(",
        )

    def as_sqlite(self, compiler: Any, connection: Any, **_extra: Any) -> Any:
        return self.as_sql(
            compiler,
            connection,
            template="%(expressions)s))",
            arg_joiner=" IN (SELECT value FROM json_each(",
        )


def read_times_quickly(connection: Any, **kwargs: Any) -> None:
    """Receives `connection_created`. Django's own reader of times takes many times as long."""
    if connection.vendor != "postgresql":
        return
    from django.db.backends.postgresql.psycopg_any import BaseTzLoader

    class Times(BaseTzLoader):
        timezone = UTC

        def load(self, data: Any) -> Any:
            try:
                return datetime.fromisoformat(str(data, "ascii"))
            except ValueError:  # infinity, years outside of Python's
                return super().load(data)

    connection.connection.adapters.register_loader("timestamptz", Times)
