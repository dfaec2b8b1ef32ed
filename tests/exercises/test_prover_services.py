"""The throw-away servers that proofs get: empty each time, and each proof's own."""

import threading
import time
from contextlib import ExitStack

import psycopg

from exercises import proofkit
from exercises.prover_services import Services


def test_a_used_database_is_as_empty_as_a_new_one() -> None:
    with Services() as services:
        names = set()
        for left in (
            "CREATE SCHEMA q; CREATE TABLE q.a (x int); CREATE TYPE t AS ENUM ('a')",
            LEFT,
        ):
            with services.environment(("postgresql",)) as given:
                url = given["PROOF_DATABASE_URL"]
                names.add(url)
                with psycopg.connect(url, autocommit=True) as db:
                    assert db.execute(OBJECTS).fetchone() == (0, 1)
                    db.execute(left)
        # The first was emptied, the second, with what emptying passes over, is not used again.
        assert len(names) == 1
        with services.environment(("postgresql",)) as given:
            assert given["PROOF_DATABASE_URL"] not in names


LEFT = "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC"
OBJECTS = """SELECT (SELECT count(*) FROM pg_class WHERE oid >= 16384),
    (SELECT count(*) FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema)')"""


def test_a_proof_sees_who_waits_in_its_own_database_only() -> None:
    hold = "SELECT pg_advisory_lock(7)"
    with Services() as services, ExitStack() as open_:
        needs = ("postgresql",)
        urls = [
            open_.enter_context(services.environment(needs))["PROOF_DATABASE_URL"] for _ in "ab"
        ]
        ours, theirs, keeps, waits = (
            open_.enter_context(psycopg.connect(url, autocommit=True))
            for url in (urls[0], urls[1], urls[1], urls[1])
        )
        keeps.execute(hold)
        waiter = threading.Thread(target=waits.execute, args=(hold,), daemon=True)
        waiter.start()
        until = time.monotonic() + 10
        while not proofkit.waiting(theirs) and time.monotonic() < until:
            time.sleep(0.01)
        assert (proofkit.waiting(ours), proofkit.waiting(theirs)) == (0, 1)
        keeps.execute("SELECT pg_advisory_unlock(7)")
        waiter.join(10)
