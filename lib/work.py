"""Rows that are worked on once, whatever dies: leases, retries and publishing after commit.

Only the database's clock is read. A worker whose own clock is wrong can neither keep a row for
ever nor take one that another still holds.
"""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from types import TracebackType
from typing import Any

from celery import current_app
from django.db import DatabaseError, InterfaceError, connections, models, router, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from lib.records import Record

logger = logging.getLogger(__name__)

ATTEMPTS = 5
LEASE = timedelta(seconds=30)
BEAT = LEASE / 3
REPUBLISH_AFTER = timedelta(seconds=30)
SWEEP_SIZE = 50
GAVE_UP = _("Tried %(attempts)d times; each time the worker stopped before it was done.")


class WorkStatus(models.TextChoices):
    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Running")
    SUCCEEDED = "succeeded", _("Succeeded")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")
    EXPIRED = "expired", _("Expired")


class LeasedWork(Record):
    """A row that one worker at a time may hold; `queued_at` is when it was last handed out."""

    Status = WorkStatus

    status = models.CharField(
        max_length=10, choices=WorkStatus.choices, default=WorkStatus.QUEUED, editable=False
    )
    token = models.UUIDField(null=True, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    queued_at = models.DateTimeField(db_default=Now(), editable=False)
    problem = models.TextField(blank=True, default="", editable=False)

    class Meta:
        abstract = True
        indexes = (models.Index(fields=["status", "queued_at"], name="%(class)s_work"),)
        constraints = (
            models.CheckConstraint(
                condition=~Q(status="running") | Q(token__isnull=False, lease_until__isnull=False),
                name="%(class)s_running_leased",
            ),
        )


Rows = type[LeasedWork] | QuerySet[Any]


def waiting() -> Q:
    """What nobody works on: queued, or held by a worker whose lease ran out."""
    return Q(status=WorkStatus.QUEUED) | Q(status=WorkStatus.RUNNING, lease_until__lt=Now())


def claim(rows: Rows, pk: uuid.UUID | str) -> uuid.UUID | None:
    """Take the row for LEASE; the token that proves it, or None if it is not to be had."""
    token = uuid.uuid4()
    taken = _change(
        _queryset(rows).filter(waiting(), pk=pk, attempts__lt=ATTEMPTS),
        status=WorkStatus.RUNNING,
        token=token,
        lease_until=Now() + LEASE,
        attempts=F("attempts") + 1,
    )
    return token if taken else None


def renew(rows: Rows, pk: uuid.UUID | str, token: uuid.UUID) -> bool:
    """Hold on for another LEASE; False when the row was taken away."""
    return _change(_held(rows, pk, token), lease_until=Now() + LEASE)


def finish(rows: Rows, pk: uuid.UUID | str, token: uuid.UUID, **fields: Any) -> bool:
    """Store the result; False when the row is no longer ours and the result must be thrown away.

    The token stays, so that a repeat after a lost connection sees that the first one got through.
    """
    done = _change(
        _held(rows, pk, token),
        status=WorkStatus.SUCCEEDED,
        lease_until=None,
        problem="",
        **fields,
    )
    ours = Q(pk=pk, token=token, status=WorkStatus.SUCCEEDED)
    return done or _queryset(rows).filter(ours).exists()


def fail(rows: Rows, pk: uuid.UUID | str, token: uuid.UUID, problem: str) -> bool:
    """End it with a reason for the requester; for what another attempt cannot mend."""
    return _change(
        _held(rows, pk, token),
        status=WorkStatus.FAILED,
        token=None,
        lease_until=None,
        problem=problem,
    )


def release(rows: Rows, pk: uuid.UUID | str, token: uuid.UUID) -> bool:
    """Give the row back before its lease ends; the attempt counts."""
    return _change(
        _held(rows, pk, token),
        status=WorkStatus.QUEUED,
        token=None,
        lease_until=None,
        queued_at=Now(),
    )


def requeue(rows: Rows, pk: uuid.UUID | str) -> bool:
    """Try again from the start what failed, was cancelled or expired."""
    ended = (WorkStatus.FAILED, WorkStatus.CANCELLED, WorkStatus.EXPIRED)
    return _change(
        _queryset(rows).filter(pk=pk, status__in=ended),
        status=WorkStatus.QUEUED,
        token=None,
        attempts=0,
        problem="",
        queued_at=Now(),
    )


def cancel(rows: Rows, pk: uuid.UUID | str) -> bool:
    """Stop it, even under a worker: its result will find no row to go to."""
    open_states = (WorkStatus.QUEUED, WorkStatus.RUNNING)
    return _change(
        _queryset(rows).filter(pk=pk, status__in=open_states),
        status=WorkStatus.CANCELLED,
        token=None,
        lease_until=None,
    )


def sweepable(rows: Rows) -> QuerySet[Any]:
    """What to publish again, longest wait first.

    A lease starts after `queued_at`, so the one limit also lets a dead lease through at once and
    still keeps the next sweep from publishing the same row again.
    """
    late = Q(queued_at__lt=Now() - REPUBLISH_AFTER)
    return _queryset(rows).filter(waiting(), late, attempts__lt=ATTEMPTS).order_by("queued_at")


@dataclass(frozen=True)
class Swept:
    """What a sweep did: ids published again, and ids it gave up on."""

    published: tuple[uuid.UUID, ...]
    failed: tuple[uuid.UUID, ...]


def sweep(rows: Rows, task_name: str) -> Swept:
    """Publish again what got lost, at most SWEEP_SIZE; fail what used up its attempts."""
    queryset = _queryset(rows)
    with transaction.atomic(using=_alias(queryset)):
        spent = queryset.filter(waiting(), attempts__gte=ATTEMPTS)
        failed = _lock(spent)
        _change(
            queryset.filter(pk__in=failed),
            status=WorkStatus.FAILED,
            token=None,
            lease_until=None,
            problem=str(GAVE_UP) % {"attempts": ATTEMPTS},
        )
        published = _lock(sweepable(queryset))
        _change(queryset.filter(pk__in=published), queued_at=Now())
        publish(task_name, *published, using=_alias(queryset))
    return Swept(published=published, failed=failed)


def publish(task_name: str, *ids: uuid.UUID | str, using: str | None = None) -> None:
    """After commit, queue one message per id. A broker that is down is logged: sweeps make up."""
    if ids:
        transaction.on_commit(partial(_send, task_name, ids), using=using)


class Heartbeat:
    """Renews a lease from a thread of its own while the `with` block works.

    `is_lost` turns true when the row was taken away; `on_lost` is then called once, in the thread.
    """

    def __init__(
        self,
        rows: Rows,
        pk: uuid.UUID | str,
        token: uuid.UUID,
        *,
        every: timedelta = BEAT,
        on_lost: Callable[[], None] | None = None,
    ) -> None:
        self.is_lost = False
        self._rows, self._pk, self._token = rows, pk, token
        self._every, self._on_lost = every.total_seconds(), on_lost
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"heartbeat-{pk}", daemon=True)

    def __enter__(self) -> Heartbeat:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self.is_lost and not self._stop.wait(self._every):
            self._beat()
        if self.is_lost and self._on_lost is not None:
            self._on_lost()

    def _beat(self) -> None:
        try:
            self.is_lost = not renew(self._rows, self._pk, self._token)
        except (DatabaseError, InterfaceError):
            # The lease outlives two missed beats, a restarted database is back by then.
            logger.warning("could not renew the lease of %s", self._pk, exc_info=True)
        finally:
            connections[_alias(_queryset(self._rows))].close()


def _queryset(rows: Rows) -> QuerySet[Any]:
    return rows if isinstance(rows, QuerySet) else QuerySet(model=rows)


def _alias(queryset: QuerySet[Any]) -> str:
    return router.db_for_write(queryset.model)


def _held(rows: Rows, pk: uuid.UUID | str, token: uuid.UUID) -> QuerySet[Any]:
    return _queryset(rows).filter(pk=pk, token=token, status=WorkStatus.RUNNING)


def _change(queryset: QuerySet[Any], **fields: Any) -> bool:
    return queryset.update(updated_at=Now(), **fields) > 0


def _lock(queryset: QuerySet[Any]) -> tuple[uuid.UUID, ...]:
    rows = queryset.select_for_update(skip_locked=True).values_list("pk", flat=True)
    return tuple(rows[:SWEEP_SIZE])


def _send(task_name: str, ids: tuple[uuid.UUID | str, ...]) -> None:
    for sent, pk in enumerate(ids):
        try:
            current_app.signature(task_name, args=(str(pk),)).apply_async()
        except Exception:
            if current_app.conf.task_always_eager:
                raise
            # Each further id would wait for the same dead broker, with the requester waiting too.
            logger.warning("%s: %d of %d published", task_name, sent, len(ids), exc_info=True)
            return
