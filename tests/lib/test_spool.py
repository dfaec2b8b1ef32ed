"""The folder queue: two workers, deaths at the worst moments, nothing lost."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from kombu import Connection, Consumer, Queue
from kombu.exceptions import ChannelError

from lib import spool

ROOT = Path(__file__).parents[2]

# Takes messages and notes them; with a number, takes that many, says so, and never settles them.
WORKER = """
import sys
from pathlib import Path
from kombu import Connection, Consumer, Queue
from lib import spool

spool.register()
folder, notes, keep = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
taken = []

def work(body, message):
    if keep:
        taken.append(message)
        if len(taken) == keep:
            print("holding", flush=True)
        return
    with notes.open("a") as out:
        out.write(f"{body}\\n")
    message.ack()

with Connection(f"spool://{folder}", transport_options={"polling_interval": 0.01}) as connection:
    with Consumer(connection, [Queue("work")], callbacks=[work], prefetch_count=keep or 4):
        print("ready", flush=True)
        while True:
            connection.drain_events()
"""


@pytest.fixture(autouse=True)
def _registered() -> None:
    spool.register()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "spool"


@pytest.fixture
def connection(folder: Path) -> Iterator[Connection]:
    with Connection(f"spool://{folder}") as opened:
        yield opened


@pytest.fixture
def start(folder: Path, tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    running: list[subprocess.Popen[str]] = []

    def start_worker(*, keep: int = 0) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", WORKER, str(folder), str(tmp_path / "notes"), str(keep)]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        running.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        return process

    yield start_worker
    for process in running:
        kill(process)


def kill(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait()
    if process.stdout is not None:
        process.stdout.close()


def publish(connection: Connection, *bodies: Any) -> None:
    producer = connection.Producer()
    for body in bodies:
        producer.publish(body, routing_key="work", declare=[Queue("work")])


def get(connection: Connection, **kwargs: Any) -> Any:
    return connection.default_channel.basic_get("work", **kwargs)


def files(folder: Path, place: str) -> list[str]:
    found = (path for path in (folder / place).rglob("*") if path.is_file())
    return sorted(path.name for path in found if path.name != "lock")


def read_notes(path: Path, *, until: int) -> list[int]:
    """The bodies the workers noted, when there are so many different ones."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        notes = [int(line) for line in path.read_text().split()] if path.exists() else []
        if len(set(notes)) >= until:
            return notes
        time.sleep(0.02)
    pytest.fail(f"{len(set(notes))} of {until} delivered")


def test_a_message_comes_once_and_leaves_no_file(connection: Connection, folder: Path) -> None:
    publish(connection, {"a": "ä"})
    message = get(connection)
    assert message.decode() == {"a": "ä"}
    assert files(folder, "queues") == []
    assert len(files(folder, "inflight")) == 1
    assert get(connection) is None
    message.ack()
    assert files(folder, "inflight") == []


def test_first_in_first_out(connection: Connection) -> None:
    publish(connection, *range(5))
    assert [get(connection, no_ack=True).decode() for _ in range(5)] == list(range(5))


def test_without_acknowledgement_the_file_goes_at_once(
    connection: Connection, folder: Path
) -> None:
    publish(connection, 1, 2)
    assert get(connection, no_ack=True).decode() == 1
    seen: list[Any] = []
    queue = Queue("work")
    with Consumer(connection, [queue], callbacks=[lambda body, _: seen.append(body)], no_ack=True):
        connection.drain_events(timeout=5)
    assert seen == [2]
    assert files(folder, "inflight") == []


def test_reject_removes_and_requeue_puts_back(connection: Connection, folder: Path) -> None:
    publish(connection, 1)
    get(connection).requeue()
    assert len(files(folder, "queues")) == 1
    get(connection).reject()
    assert files(folder, "queues") == files(folder, "inflight") == []


def test_closing_puts_back_what_was_not_settled(folder: Path) -> None:
    with Connection(f"spool://{folder}") as first:
        publish(first, 1, 2)
        late = get(first)
        channel = late.channel
        assert get(first) is not None
    assert len(files(folder, "queues")) == 2
    channel.settle(late.delivery_tag)
    assert len(files(folder, "queues")) == 2


def test_queues_do_not_mix_and_names_stay_inside(connection: Connection, folder: Path) -> None:
    channel = connection.default_channel
    for name in ("a", "../b", "c.d~e", "."):
        channel.queue_declare(name)
        channel.basic_publish(channel.prepare_message(name), exchange="", routing_key=name)
    assert {path.parent for path in (folder / "queues").iterdir()} == {folder / "queues"}
    assert channel.queue_declare("../b").message_count == 1
    for name in ("a", "../b", "c.d~e", "."):
        assert channel.basic_get(name).body == name.encode()
    assert channel.queue_purge("a") == 0


def test_purging_counts(connection: Connection, folder: Path) -> None:
    publish(connection, 1, 2, 3)
    assert connection.default_channel.queue_purge("work") == 3
    assert files(folder, "queues") == files(folder, "inflight") == []


def test_half_a_message_is_set_aside_and_the_next_one_comes(
    connection: Connection, folder: Path
) -> None:
    publish(connection, 1, 2, 3)
    first, second = sorted((folder / "queues" / "work").iterdir())[:2]
    first.write_text('{"body": "half')
    second.write_bytes(b"")
    assert get(connection).decode() == 3
    assert len(files(folder, "broken")) == 2


def test_a_full_disk_is_the_publishers_error(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    publish(connection)
    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(ChannelError, match="No space left"):
        connection.default_channel._put("work", {"properties": {}})


def test_a_spool_needs_a_folder(folder: Path) -> None:
    with pytest.raises(ValueError, match="needs a folder"):
        _ = Connection("spool://").default_channel
    with Connection("spool://", transport_options={"folder": str(folder)}) as opened:
        publish(opened, 1)
    assert len(files(folder, "queues")) == 1


def test_a_process_killed_between_claim_and_ack_loses_nothing(
    connection: Connection, folder: Path, tmp_path: Path, start: Callable[..., Any]
) -> None:
    publish(connection, *range(20))
    holder = start(keep=8)
    assert holder.stdout.readline() == "holding\n"
    assert len(files(folder, "inflight")) == 8
    start()
    assert sorted(read_notes(tmp_path / "notes", until=12)) == list(range(8, 20))
    assert len(files(folder, "inflight")) == 8, "a living process keeps its claims"
    kill(holder)
    start()
    assert sorted(read_notes(tmp_path / "notes", until=20)[12:]) == list(range(8))


def test_a_reused_process_number_does_not_protect_the_dead(
    connection: Connection, folder: Path, start: Callable[..., Any]
) -> None:
    publish(connection, 1)
    holder = start(keep=1)
    assert holder.stdout.readline() == "holding\n"
    kill(holder)
    (dead,) = (folder / "inflight").iterdir()
    dead.rename(dead.with_name(f"{os.getpid()}-{dead.name.partition('-')[2]}"))
    with Consumer(connection, [Queue("work")]):
        assert len(files(folder, "queues")) == 1
    assert get(connection).decode() == 1


def test_another_connection_of_the_same_process_takes_nothing_away(
    connection: Connection, folder: Path
) -> None:
    publish(connection, 1)
    message = get(connection)
    with Connection(f"spool://{folder}") as other, Consumer(other, [Queue("work")]):
        assert get(other) is None
    message.ack()
    assert files(folder, "inflight") == []


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_child_settles_nothing_of_its_parent(connection: Connection, folder: Path) -> None:
    publish(connection, 1, 2)
    message = get(connection)
    child = os.fork()
    if child == 0:
        message.channel.close()
        os._exit(0)
    os.waitpid(child, 0)
    assert len(files(folder, "inflight")) == 1
    message.ack()
    assert len(files(folder, "queues")) == 1


def test_a_polling_consumer_picks_up_the_dead_in_time(
    connection: Connection, folder: Path, start: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(connection, 1)
    holder = start(keep=1)
    assert holder.stdout.readline() == "holding\n"
    with Consumer(connection, [Queue("work")]):
        kill(holder)
        with pytest.raises(Empty):
            connection.default_channel._get("work")
        monkeypatch.setattr(spool, "RECOVER_EVERY", 0.0)
        with pytest.raises(Empty):
            connection.default_channel._get("work")
        assert get(connection).decode() == 1


def test_leftovers_of_killed_writers_go_after_an_hour(connection: Connection, folder: Path) -> None:
    publish(connection)
    _ = connection.default_channel
    old, new = folder / "tmp" / "old", folder / "tmp" / "new"
    (folder / "tmp" / "owner").mkdir()
    for path in (old, new):
        path.write_text("x")
    for path in (old, folder / "tmp" / "owner"):
        os.utime(path, (0, 0))
    with Consumer(connection, [Queue("work")]):
        assert list((folder / "tmp").iterdir()) == [new]


@pytest.mark.slow
def test_a_thousand_messages_through_two_workers_that_are_killed(
    folder: Path, tmp_path: Path, start: Callable[..., Any]
) -> None:
    total, writers = 1_000, 4
    workers = [start(), start()]

    def write(first: int) -> None:
        with Connection(f"spool://{folder}") as own:
            publish(own, *range(first, total, writers))

    threads = [threading.Thread(target=write, args=(first,)) for first in range(writers)]
    for thread in threads:
        thread.start()
    for step in range(1, 7):
        read_notes(tmp_path / "notes", until=step * 100)
        kill(workers.pop(0))
        workers.append(start())
    for thread in threads:
        thread.join()
    # One more start puts back what the last one killed had taken.
    start()
    notes = read_notes(tmp_path / "notes", until=total)
    assert set(notes) == set(range(total))
    # Twice at most: what a killed worker had noted but not yet settled, one each.
    assert len(notes) <= total + 6
    assert files(folder, "broken") == []
