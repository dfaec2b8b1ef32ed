"""A Celery queue in a folder of this machine, for installations without Redis.

Every message is one file and every step is one rename, so a process may be killed at any moment:

    tmp/<name>               being written, or an owner's folder being made
    queues/<queue>/<name>    waiting, oldest name first
    inflight/<owner>/        claimed by one living process, which holds a lock on its `lock` file
    broken/                  unreadable, kept to be looked at

A claim ends by unlink (ack, reject) or by a rename back (requeue, close). What a dead process held
is put back when a consumer starts, and every RECOVER_EVERY seconds while one polls. An owner is
known dead by its lock, which the kernel frees: numbers of processes may repeat, and containers that
share the folder do not see each other's.

`register()` makes the scheme known; it must run before Celery connects. The folder comes from the
URL, `spool:///var/lib/plumbline/spool`, or from `broker_transport_options`:

    folder            absolute path; wins over the URL
    polling_interval  seconds between looks at an empty queue, 0.05 unless told
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import shutil
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from queue import Empty
from typing import IO, Any
from urllib.parse import quote, unquote

from kombu.exceptions import ChannelError
from kombu.transport import TRANSPORT_ALIASES, virtual
from kombu.utils.json import dumps, loads

logger = logging.getLogger(__name__)

RECOVER_EVERY = 30.0
LEFTOVER_AGE = 3600.0

# One owner per process, whatever the number of connections. Its POSIX lock is not handed on to the
# children of a fork, as flock(2) would be, but a process would always get its own lock again.
_owners: dict[tuple[int, Path], tuple[Path, IO[bytes]]] = {}
_owners_guard = threading.Lock()


def register() -> None:
    """Make `spool://` a broker URL."""
    TRANSPORT_ALIASES["spool"] = "lib.spool:Transport"


@dataclass(frozen=True)
class Claim:
    """A message this process has taken and not yet settled."""

    path: Path
    queue: str
    pid: int


class Spool:
    """The folder: put, take, settle, put back, recover."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self._recovered_at = float("-inf")
        self._queues: dict[str, Path] = {}
        for name in ("tmp", "queues", "inflight", "broken"):
            (folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)

    def queue(self, queue: str) -> Path:
        if queue not in self._queues:
            name = quote(queue, safe="@").replace(".", "%2E").replace("~", "%7E")
            self._queues[queue] = self.folder / "queues" / name
        return self._queues[queue]

    def names(self, queue: str) -> list[str]:
        try:
            return sorted(os.listdir(self.queue(queue)))  # noqa: PTH208 (20 times a second)
        except FileNotFoundError:
            return []

    def put(self, queue: str, payload: dict[str, Any]) -> None:
        name = f"{time.time_ns():020d}-{uuid.uuid4().hex}"
        written = self.folder / "tmp" / name
        written.write_text(dumps(payload), encoding="utf-8")
        self._move(written, queue, name)

    def take(self, queue: str, name: str) -> Claim | None:
        """Claim it; None when another process was faster."""
        owner = self._own()
        path = owner / f"{self.queue(queue).name}~{name}"
        try:
            (self.queue(queue) / name).rename(path)
        except FileNotFoundError:
            return None
        return Claim(path=path, queue=queue, pid=os.getpid())

    def read(self, claim: Claim) -> dict[str, Any] | None:
        """The message; None, and out of the way, when a crash of the machine cut it short."""
        try:
            payload: dict[str, Any] = loads(claim.path.read_bytes())
            # A message copied to two queues is two messages to settle.
            payload["properties"]["delivery_tag"] = claim.path.name
            return payload
        except (json.JSONDecodeError, UnicodeDecodeError, KeyError, TypeError):
            logger.exception("unreadable message moved to %s", self.folder / "broken")
        claim.path.rename(self.folder / "broken" / claim.path.name)
        return None

    def drop(self, claim: Claim) -> None:
        if claim.pid == os.getpid():
            claim.path.unlink(missing_ok=True)

    def put_back(self, claim: Claim) -> None:
        if claim.pid == os.getpid():
            self._move(claim.path, claim.queue, claim.path.name.rpartition("~")[2])

    def recover(self) -> int:
        """Put back what dead processes held, at most every RECOVER_EVERY seconds."""
        if time.monotonic() - self._recovered_at < RECOVER_EVERY:
            return 0
        self._recovered_at = time.monotonic()
        own = self._own()
        owners = [each for each in (self.folder / "inflight").iterdir() if each != own]
        count = sum(self._recover_from(owner) for owner in owners)
        if count:
            logger.warning("put back %d messages of workers that died", count)
        self._clean()
        return count

    def _own(self) -> Path:
        """This process's folder, made and locked out of sight and then moved into place."""
        key = os.getpid(), self.folder
        with _owners_guard:
            if key not in _owners:
                name = f"{os.getpid()}-{uuid.uuid4().hex}"
                made = self.folder / "tmp" / name
                made.mkdir(mode=0o700)
                lock = (made / "lock").open("wb")
                fcntl.lockf(lock, fcntl.LOCK_EX)
                _owners[key] = made.rename(self.folder / "inflight" / name), lock
        return _owners[key][0]

    def _recover_from(self, owner: Path) -> int:
        try:
            with (owner / "lock").open("r+b") as lock:
                fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                held = [path for path in owner.iterdir() if path.name != "lock"]
                for path in held:
                    queue, _, name = path.name.rpartition("~")
                    self._move(path, unquote(queue), name)
                shutil.rmtree(owner)
                return len(held)
        except (BlockingIOError, PermissionError):
            return 0  # It lives.
        except FileNotFoundError:
            return 0  # Another consumer was faster.

    def _clean(self) -> None:
        """Remove what writers left that were killed before their rename."""
        for path in (self.folder / "tmp").iterdir():
            try:
                if time.time() - path.stat().st_mtime < LEFTOVER_AGE:
                    continue
                if path.is_dir():
                    shutil.rmtree(path)
                else:
                    path.unlink()
            except FileNotFoundError:
                continue

    def _move(self, path: Path, queue: str, name: str) -> None:
        target = self.queue(queue)
        try:
            path.replace(target / name)
        except FileNotFoundError:
            target.mkdir(mode=0o700, exist_ok=True)
            path.replace(target / name)


class QoS(virtual.QoS):
    """Settles the file before the count."""

    def ack(self, delivery_tag: str) -> None:
        self.channel.settle(delivery_tag)
        super().ack(delivery_tag)

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:  # noqa: FBT001, FBT002
        self.channel.settle(delivery_tag, requeue=requeue)
        super().ack(delivery_tag)


class Channel(virtual.Channel):
    """Queues as folders; exchanges live in memory, since every process declares what it uses."""

    QoS = QoS
    supports_fanout = False

    def __init__(self, connection: Transport, **kwargs: Any) -> None:
        super().__init__(connection, **kwargs)
        # Kept here too: a task may end after its channel was closed.
        self._spool, self._claims = connection.spool, connection.claims
        self._seen: dict[str, deque[str]] = {}

    def settle(self, delivery_tag: str, *, requeue: bool = False) -> None:
        claim = self._claims.pop(delivery_tag, None)
        if claim is not None and requeue:
            self._spool.put_back(claim)
        elif claim is not None:
            self._spool.drop(claim)

    def basic_consume(
        self,
        queue: str,
        no_ack: bool,  # noqa: FBT001
        callback: Callable[[Any], Any],
        consumer_tag: str,
        **kwargs: Any,
    ) -> None:
        def taken(message: Any) -> Any:
            if no_ack:
                self.settle(message.delivery_tag)
            return callback(message)

        self._spool.recover()
        super().basic_consume(queue, no_ack, taken, consumer_tag, **kwargs)

    def basic_get(self, queue: str, no_ack: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002
        message = super().basic_get(queue, no_ack=no_ack, **kwargs)
        if message is not None and no_ack:
            self.settle(message.delivery_tag)
        return message

    def _put(self, queue: str, message: dict[str, Any], **kwargs: Any) -> None:
        try:
            self._spool.put(queue, message)
        except OSError as error:
            raise ChannelError(f"the spool takes no message: {error}") from error

    def _get(self, queue: str, timeout: float | None = None) -> dict[str, Any]:
        for name in self._waiting(queue):
            claim = self._spool.take(queue, name)
            payload = self._spool.read(claim) if claim else None
            if claim and payload:
                self._claims[claim.path.name] = claim
                return payload
        self._spool.recover()
        raise Empty

    def _waiting(self, queue: str) -> Iterator[str]:
        """Names to try; one listing serves many looks, else a backlog costs its square."""
        seen = self._seen.setdefault(queue, deque())
        while seen:
            yield seen.popleft()
        seen.extend(self._spool.names(queue))
        while seen:
            yield seen.popleft()

    def _restore(self, message: Any) -> None:
        self.settle(message.delivery_tag, requeue=True)

    def _new_queue(self, queue: str, **kwargs: Any) -> None:
        self._spool.queue(queue).mkdir(mode=0o700, exist_ok=True)

    def _size(self, queue: str) -> int:
        return len(self._spool.names(queue))

    def _purge(self, queue: str) -> int:
        names = self._spool.names(queue)
        claims = [claim for name in names if (claim := self._spool.take(queue, name))]
        for claim in claims:
            self._spool.drop(claim)
        return len(claims)


class Transport(virtual.Transport):
    """One machine only: no fanout, hence no remote control, events or gossip."""

    Channel = Channel
    polling_interval = 0.05
    driver_type = driver_name = "spool"
    connection_errors: Any = (*virtual.Transport.connection_errors, OSError)

    def __init__(self, client: Any, **kwargs: Any) -> None:
        super().__init__(client, **kwargs)
        path = (client.virtual_host or "").strip("/")
        folder = client.transport_options.get("folder") or (path and f"/{path}")
        if not folder or folder == "/":
            raise ValueError("the spool needs a folder: spool:///path or the option `folder`")
        self.spool = Spool(Path(folder))
        self.claims: dict[str, Claim] = {}

    @property
    def default_connection_params(self) -> dict[str, Any]:
        return {"port": None, "hostname": None}

    def driver_version(self) -> str:
        return "1"
