"""Leased work: done once, whatever dies, and told when it is given up."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import OperationalError, connection, models, transaction
from django.db.models.functions import Now
from kombu.exceptions import OperationalError as BrokerError

from lib import work
from lib.work import LeasedWork, WorkStatus


class Chore(LeasedWork):
    """The smallest row to work on; it belongs to `lib`, which has no migrations."""

    result = models.CharField(max_length=20, blank=True)

    class Meta(LeasedWork.Meta):
        app_label = "lib"


@pytest.fixture(scope="module", autouse=True)
def _table(django_db_setup: None, django_db_blocker: Any) -> None:
    """A reused database was made before this module was read."""
    with django_db_blocker.unblock():
        if Chore._meta.db_table not in connection.introspection.table_names():
            with connection.schema_editor() as editor:
                editor.create_model(Chore)
        connection.close()


def chore(**fields: Any) -> Chore:
    row = Chore.objects.create(**fields)
    row.refresh_from_db()
    return row


def age(row: Chore, **fields: Any) -> None:
    Chore.objects.filter(pk=row.pk).update(**fields)
    row.refresh_from_db()


def kill_worker(row: Chore) -> None:
    """What the database looks like once a worker's lease has run out."""
    hour = timedelta(hours=1)
    age(row, lease_until=Now() - timedelta(seconds=1), queued_at=Now() - hour)


class Published(list[tuple[str, str]]):
    """The messages that went out, and how many the broker takes before it dies."""

    takes = 1_000
    tried = 0

    def __init__(self) -> None:
        super().__init__()
        self.conf = SimpleNamespace(task_always_eager=False)

    def signature(self, name: str, args: tuple[str, ...]) -> Any:
        this = self

        class Signature:
            def apply_async(self) -> None:
                this.tried += 1
                if this.tried > this.takes:
                    raise BrokerError("connection refused")
                this.append((name, *args))  # type: ignore[arg-type]

        return Signature()


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> Published:
    sent = Published()
    monkeypatch.setattr(work, "current_app", sent)
    return sent


@pytest.mark.django_db
def test_a_row_begins_queued_at_the_databases_time() -> None:
    row = chore()
    assert (row.status, row.attempts, row.token) == ("queued", 0, None)
    assert Chore.objects.filter(pk=row.pk, queued_at__gt=Now() - timedelta(seconds=20)).exists()


@pytest.mark.django_db
def test_the_states_are_the_words() -> None:
    assert WorkStatus.values == [
        *("queued", "running", "succeeded", "failed", "cancelled", "expired")
    ]


@pytest.mark.django_db
def test_claim_finish() -> None:
    row = chore()
    token = work.claim(Chore, row.pk)
    assert token is not None
    row.refresh_from_db()
    assert (row.status, row.token, row.attempts) == ("running", token, 1)
    assert Chore.objects.filter(lease_until__gt=Now() + timedelta(seconds=25)).exists()
    assert Chore.objects.filter(lease_until__lt=Now() + timedelta(seconds=31)).exists()
    assert work.claim(Chore, row.pk) is None
    assert work.finish(Chore, row.pk, token, result="done")
    row.refresh_from_db()
    assert (row.status, row.result, row.lease_until) == ("succeeded", "done", None)
    assert work.claim(Chore, row.pk) is None


@pytest.mark.django_db
def test_finishing_again_after_a_lost_connection_is_still_a_success() -> None:
    row = chore()
    token = work.claim(Chore, row.pk)
    assert token is not None
    assert work.finish(Chore, row.pk, token, result="done")
    assert work.finish(Chore, row.pk, token, result="done")
    assert not work.finish(Chore, row.pk, uuid.uuid4(), result="other")


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_one_gets_the_row() -> None:
    rows = [chore() for _ in range(5)]
    start = threading.Barrier(8)

    def one_worker() -> list[uuid.UUID | None]:
        try:
            start.wait()
            return [work.claim(Chore, row.pk) for row in rows]
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        tokens = [future.result() for future in [pool.submit(one_worker) for _ in range(8)]]
    for row, claims in zip(rows, zip(*tokens, strict=True), strict=True):
        row.refresh_from_db()
        assert [token for token in claims if token] == [row.token]
        assert row.attempts == 1


@pytest.mark.django_db
def test_a_lost_lease_cannot_finish_nor_renew_nor_fail() -> None:
    row = chore()
    slow = work.claim(Chore, row.pk)
    kill_worker(row)
    quick = work.claim(Chore, row.pk)
    assert slow is not None
    assert quick is not None
    assert not work.renew(Chore, row.pk, slow)
    assert not work.finish(Chore, row.pk, slow, result="late")
    assert not work.fail(Chore, row.pk, slow, "late")
    assert not work.release(Chore, row.pk, slow)
    assert work.finish(Chore, row.pk, quick, result="in time")
    assert not work.finish(Chore, row.pk, slow, result="late")
    row.refresh_from_db()
    assert (row.result, row.attempts) == ("in time", 2)


@pytest.mark.django_db
def test_a_lease_that_ran_out_but_was_not_taken_still_finishes() -> None:
    row = chore()
    token = work.claim(Chore, row.pk)
    kill_worker(row)
    assert token
    assert work.finish(Chore, row.pk, token)


@pytest.mark.django_db
def test_failing_says_why_and_trying_again_starts_over() -> None:
    row = chore()
    token = work.claim(Chore, row.pk)
    assert token
    assert work.fail(Chore, row.pk, token, "Too many pages.")
    row.refresh_from_db()
    assert (row.status, row.problem) == ("failed", "Too many pages.")
    assert work.claim(Chore, row.pk) is None
    assert work.requeue(Chore, row.pk)
    assert not work.requeue(Chore, row.pk)
    row.refresh_from_db()
    assert (row.status, row.problem, row.attempts) == ("queued", "", 0)


@pytest.mark.django_db
def test_released_work_is_there_for_the_next_at_once() -> None:
    row = chore()
    token = work.claim(Chore, row.pk)
    assert token
    assert work.release(Chore, row.pk, token)
    assert work.claim(Chore, row.pk)
    row.refresh_from_db()
    assert row.attempts == 2


@pytest.mark.django_db
def test_cancelling_under_a_worker_leaves_its_result_no_row() -> None:
    row = chore()
    token = work.claim(Chore, row.pk)
    assert token
    assert work.cancel(Chore, row.pk)
    assert not work.finish(Chore, row.pk, token)
    assert not work.cancel(Chore, row.pk)
    row.refresh_from_db()
    assert row.status == "cancelled"


@pytest.mark.django_db
def test_a_worker_whose_clock_is_wrong_takes_nothing_early(monkeypatch: pytest.MonkeyPatch) -> None:
    row = chore()
    assert work.claim(Chore, row.pk)
    monkeypatch.setattr("django.utils.timezone.now", lambda: pytest.fail("the wrong clock"))
    monkeypatch.setattr("time.time", lambda: 4e9)
    assert work.claim(Chore, row.pk) is None


@pytest.mark.django_db
def test_a_claim_can_be_limited_to_some_rows() -> None:
    row = chore(result="other")
    assert work.claim(Chore.objects.filter(result="mine"), row.pk) is None
    assert work.claim(Chore.objects.filter(result="other"), row.pk)


@pytest.mark.django_db
def test_sweep_publishes_what_waits_too_long_and_what_died(
    published: Published, django_capture_on_commit_callbacks: Any
) -> None:
    fresh, late, dead, alive, done = (chore() for _ in range(5))
    hour_ago = Now() - timedelta(hours=1)
    age(late, queued_at=hour_ago)
    for row in (dead, alive, done):
        assert work.claim(Chore, row.pk)
    kill_worker(dead)
    age(dead, queued_at=Now() - timedelta(hours=2))
    age(alive, queued_at=hour_ago)
    done.refresh_from_db()
    assert done.token
    work.finish(Chore, done.pk, done.token)
    with django_capture_on_commit_callbacks(execute=True):
        swept = work.sweep(Chore, "chores.do")
    assert swept.published == (dead.pk, late.pk)
    assert swept.failed == ()
    assert published == [("chores.do", str(dead.pk)), ("chores.do", str(late.pk))]
    assert work.sweep(Chore, "chores.do").published == ()
    assert work.claim(Chore, dead.pk)
    assert work.claim(Chore, fresh.pk)


@pytest.mark.django_db
def test_sweep_is_bounded_and_gets_round_to_all(published: Published) -> None:
    Chore.objects.bulk_create(Chore() for _ in range(work.SWEEP_SIZE + 20))
    Chore.objects.update(queued_at=Now() - timedelta(hours=1))
    first = work.sweep(Chore, "chores.do").published
    second = work.sweep(Chore, "chores.do").published
    assert (len(first), len(second)) == (work.SWEEP_SIZE, 20)
    assert not set(first) & set(second)


@pytest.mark.django_db
def test_attempts_used_up_fail_with_the_reason(published: Published) -> None:
    row = chore()
    for _ in range(work.ATTEMPTS):
        assert work.claim(Chore, row.pk)
        kill_worker(row)
    assert work.claim(Chore, row.pk) is None
    swept = work.sweep(Chore, "chores.do")
    assert swept == work.Swept(published=(), failed=(row.pk,))
    row.refresh_from_db()
    assert row.status == "failed"
    assert "Tried 5 times" in row.problem


@pytest.mark.django_db
def test_a_last_attempt_that_still_runs_is_left_alone(published: Published) -> None:
    row = chore(attempts=work.ATTEMPTS - 1)
    assert work.claim(Chore, row.pk)
    assert work.sweep(Chore, "chores.do").failed == ()


@pytest.mark.django_db(transaction=True)
def test_publishing_waits_for_the_commit(published: Published) -> None:
    with transaction.atomic():
        work.publish("chores.do", "1", uuid.UUID(int=2))
        assert published == []
    assert published == [("chores.do", "1"), ("chores.do", str(uuid.UUID(int=2)))]
    work.publish("chores.do")
    assert len(published) == 2
    with transaction.atomic():
        work.publish("chores.do", "3")
        transaction.set_rollback(True)
    assert len(published) == 2


@pytest.mark.django_db(transaction=True)
def test_a_dead_broker_is_logged_once_and_never_reaches_the_request(
    published: Published, caplog: pytest.LogCaptureFixture
) -> None:
    published.takes = 1
    work.publish("chores.do", *map(str, range(100)))
    assert published == [("chores.do", "0")]
    assert published.tried == 2
    assert [record.getMessage() for record in caplog.records] == ["chores.do: 1 of 100 published"]


@pytest.mark.django_db(transaction=True)
def test_eager_tasks_raise_their_own_errors(published: Published) -> None:
    published.takes = 0
    published.conf.task_always_eager = True
    with pytest.raises(BrokerError):
        work.publish("chores.do", "1")


SOON = timedelta(milliseconds=5)


@pytest.mark.django_db(transaction=True)
def test_the_heartbeat_renews_until_the_work_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    row = chore()
    token = work.claim(Chore, row.pk)
    assert token
    age(row, lease_until=Now() + timedelta(seconds=1))
    beats = threading.Semaphore(0)
    renew = work.renew

    def counted(*args: Any) -> bool:
        held = renew(*args)
        beats.release()
        return held

    monkeypatch.setattr(work, "renew", counted)
    with work.Heartbeat(Chore, row.pk, token, every=SOON) as heartbeat:
        for _ in range(3):
            assert beats.acquire(timeout=20)
    assert not heartbeat.is_lost
    assert not heartbeat._thread.is_alive()
    assert Chore.objects.filter(lease_until__gt=Now() + timedelta(seconds=20)).exists()


@pytest.mark.django_db(transaction=True)
def test_the_heartbeat_notices_that_the_row_was_taken_away() -> None:
    row = chore()
    token = work.claim(Chore, row.pk)
    assert token
    work.cancel(Chore, row.pk)
    lost = threading.Event()
    with work.Heartbeat(Chore, row.pk, token, every=SOON, on_lost=lost.set) as heartbeat:
        assert lost.wait(timeout=20)
    assert heartbeat.is_lost


@pytest.mark.django_db(transaction=True)
def test_the_heartbeat_outlives_a_database_that_restarts(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    row = chore()
    token = work.claim(Chore, row.pk)
    assert token
    renew, answers = work.renew, iter([OperationalError("server closed the connection"), None])
    renewed = threading.Event()

    def flaky(*args: Any) -> bool:
        if error := next(answers, None):
            raise error
        held = renew(*args)
        renewed.set()
        return held

    monkeypatch.setattr(work, "renew", flaky)
    with work.Heartbeat(Chore, row.pk, token, every=SOON) as heartbeat:
        assert renewed.wait(timeout=20)
    assert not heartbeat.is_lost
    assert "could not renew the lease" in caplog.text
