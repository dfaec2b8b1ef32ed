"""What makes reading many rows cheap reads the same as Django's own way."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.db import connection

from candidates.models import Job
from lib.database import Among
from tests import factories

pytestmark = pytest.mark.django_db


def test_among_finds_the_rows_of_these_ids_with_one_parameter() -> None:
    jobs = [factories.job() for _ in range(3)]
    pks = [jobs[0].pk, jobs[2].pk, uuid4()]
    found = Job.objects.filter(Among("id", pks))
    assert set(found) == {jobs[0], jobs[2]}
    assert len(found.query.sql_with_params()[1]) == 1
    assert not Job.objects.filter(Among("id", [])).exists()


@pytest.mark.parametrize("microsecond", [0, 120_000, 335_473])
def test_times_are_read_to_the_microsecond_in_utc(microsecond: int) -> None:
    at = datetime(2026, 11, 18, 9, 0, 0, microsecond, tzinfo=UTC)
    job = factories.job(source_updated_at=at)
    job.refresh_from_db()
    assert job.source_updated_at == at
    assert job.source_updated_at.tzinfo is UTC


def test_a_connection_in_another_zone_reads_the_same_moment() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("PostgreSQL's own times")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL TimeZone = 'Asia/Kolkata'")
        cursor.execute("SELECT timestamptz '2026-11-18 09:00:00+00'")
        assert cursor.fetchone()[0] == datetime(2026, 11, 18, 9, tzinfo=UTC)
