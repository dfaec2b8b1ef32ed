"""The worker on SQLite: what the queue costs, and what is lost when workers are killed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.parts.measure import cpu_of, spent, tell, tree
from bench.parts.world import set_up

PDFS = 24
PATIENCE = 240


class Workers:
    """Real ones, as script/server starts them."""

    def __init__(self, folder: Path) -> None:
        self.log = folder / "worker.log"
        self.started: list[subprocess.Popen[bytes]] = []

    def start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "celery", "--quiet", "--app", "config", "worker"]
        command += ["--concurrency", "1", "--hostname", f"bench-{len(self.started)}@%h"]
        command += ["--loglevel", "WARNING", "--without-gossip", "--without-mingle"]
        with self.log.open("ab") as out:
            made = subprocess.Popen(command, stdout=out, stderr=out, start_new_session=True)
        self.started.append(made)
        return made

    def kill(self, worker: subprocess.Popen[bytes]) -> None:
        if worker.poll() is None:
            os.killpg(worker.pid, signal.SIGKILL)
            worker.wait()

    def end(self) -> None:
        for worker in self.started:
            self.kill(worker)


def wait_for(found: Callable[[], Any]) -> bool:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if found():
            return True
        time.sleep(0.1)
    return False


def made(export: Any) -> int:
    return export.reports.filter(status="succeeded").count()


def through_celery(world: Any, ask: Callable[..., Any], workers: Workers) -> None:
    from reports import pdf

    pdf.preload()  # as the worker does
    worker = workers.start()
    warm = ask(world.applications[:3])
    assert wait_for(lambda: made(warm) == 3), workers.log.read_text()[-2000:]
    rows = [report.data for report in warm.reports.all()]
    for data in rows:
        pdf.render(data)  # fonts and style sheet are read
    before = cpu_of(tree(worker.pid))
    export = ask(world.applications[:PDFS])
    assert wait_for(lambda: made(export) == PDFS), workers.log.read_text()[-2000:]
    queued = (cpu_of(tree(worker.pid)) - before) / PDFS
    every = [report.data for report in export.reports.all()]
    bare = spent(lambda: [pdf.render(data) for data in every], 1) / PDFS
    share = bare / queued
    measured = f"{share:.2f} ({1 / queued:.1f} / {1 / bare:.1f} per CPU second)"
    tell("PDFs per second and core, Celery / bare loop", ">= 0.87", measured, share >= 0.87)


def killed_and_crowded(world: Any, ask: Callable[..., Any], workers: Workers) -> None:
    """Three writers and two workers; one worker is killed at work, and the sweeper goes on."""
    from reports.actions import sweep

    workers.start()
    writers = [
        subprocess.Popen(
            [sys.executable, "-m", "bench.parts.writer", str(number)], stdout=subprocess.PIPE
        )
        for number in range(3)
    ]
    export = ask(world.applications[:PDFS])
    wait_for(lambda: made(export) >= 4)
    workers.kill(workers.started[0])
    workers.start()
    looked = [time.monotonic()]

    def all_made() -> bool:
        if time.monotonic() - looked[0] > 10:  # as often as beat does
            looked[0] = time.monotonic()
            sweep()
        return made(export) == PDFS

    wait_for(all_made)
    said = [writer.communicate()[0].decode() for writer in writers]
    locked = sum(int(words.split()[1]) for words in said)
    written = sum(int(words.split()[0]) for words in said)
    locked += workers.log.read_text().count("database is locked")
    what = "3 writers, 2 workers on SQLite: database is locked"
    tell(what, "0", f"{locked} in {written} transactions", locked == 0)
    lost = PDFS - made(export)
    tell("tasks lost when a worker is killed", "0", f"{lost} of {PDFS}", lost == 0)


def main() -> None:
    set_up()
    from django.conf import settings

    from reports.actions import request_export
    from tests.screening.panels import World

    world = World(candidates=PDFS, criteria=6)
    workers = Workers(settings.VAR_DIR)

    def ask(applications: list[Any]) -> Any:
        return request_export(
            by=world.alice,
            applications=applications,
            preset="hiring_manager",
            codes_instead_of_names=True,
            paper="A4",
        )

    try:
        through_celery(world, ask, workers)
        killed_and_crowded(world, ask, workers)
    finally:
        workers.end()


if __name__ == "__main__":
    main()
