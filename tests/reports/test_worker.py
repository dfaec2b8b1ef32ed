"""Real workers killed while they render: every PDF once, readable, nothing left over."""

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pikepdf
import pytest
from django.conf import settings
from django.db import connection
from django.db.models.functions import Now

from config.celery import app
from lib.work import WorkStatus
from reports import files
from reports.actions import sweep, tidy
from reports.models import Report

PDFS = 8
PATIENCE = 120


def database_url() -> str:
    """The test's own database, as the worker's environment names it."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))


def wait_for(found: Callable[[], Any], *, what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not found():
        assert time.monotonic() < end, f"waited {PATIENCE} s for {what}"
        time.sleep(0.05)


@pytest.fixture
def queue(tmp_path: Any) -> Iterator[None]:
    """Messages go to the real broker, not to the test's own process."""
    app.conf.task_always_eager = False
    app.conf.broker_url = settings.CELERY_BROKER_URL
    app.conf.broker_transport_options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    try:
        with app.connection_for_write() as broker:
            app.amqp.queues["celery"].bind(broker.default_channel).declare()
            app.amqp.queues["celery"].bind(broker.default_channel).purge()
        yield
    finally:
        app.conf.task_always_eager = True
        app.pool.force_close_all()


@pytest.fixture
def workers(media: Any) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        environment = {
            **os.environ,
            "VAR_DIR": str(settings.VAR_DIR),
            "MEDIA_DIR": str(settings.MEDIA_ROOT),
            "SECRET_KEY": settings.SECRET_KEY,
            "DATABASE_URL": database_url(),
        }
        command = [sys.executable, "-m", "celery", "--quiet", "-A", "config"]
        command += ["-b", settings.CELERY_BROKER_URL, "worker", "--concurrency", "2"]
        command += ["--loglevel", "WARNING", "--without-gossip", "--without-mingle"]
        started.append(
            subprocess.Popen(
                command,
                cwd=settings.BASE_DIR,
                env=environment,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        )
        return started[-1]

    yield start
    for worker in started:
        kill(worker)


def kill(worker: subprocess.Popen[bytes]) -> None:
    if worker.poll() is None:
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()


def lapse() -> None:
    """Half a minute later: the leases of the dead have run out, and sweepers may publish again."""
    Report.objects.filter(status=WorkStatus.RUNNING).update(lease_until=Now())
    Report.objects.filter(status__in=(WorkStatus.QUEUED, WorkStatus.RUNNING)).update(
        queued_at=Now() - timedelta(minutes=1)
    )
    sweep()


@pytest.mark.slow
@pytest.mark.serial
@pytest.mark.django_db(transaction=True)
def test_workers_killed_while_rendering_lose_and_double_nothing(house, ask, media, queue, workers):
    export = ask(*[house.candidate() for _ in range(PDFS)])

    def running() -> bool:
        return Report.objects.filter(status=WorkStatus.RUNNING).exists()

    def made() -> int:
        return Report.objects.filter(status=WorkStatus.SUCCEEDED).count()

    for _ in range(2):
        worker = workers()
        wait_for(running, what="a worker at work")
        kill(worker)
        assert made() < PDFS
        lapse()
    workers()
    wait_for(lambda: made() == PDFS, what="the last PDF")

    reports = list(export.reports.all())
    for report in reports:
        path = files.path_of(report.file)
        assert hashlib.sha256(path.read_bytes()).hexdigest() == report.sha256
        with pikepdf.open(path) as document:
            assert len(document.pages) == report.pages
    old = time.time() - 2 * files.LEFTOVER_AGE
    for path in media.iterdir():
        os.utime(path, (old, old))
    tidy()
    assert {path.name for path in media.iterdir()} == {
        report.file.removeprefix("reports/") for report in reports
    }
