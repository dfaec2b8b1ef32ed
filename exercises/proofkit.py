"""What a proof imports: the files under test, a fresh database, and a few ways to press on them.

Runs inside the proof's own process; needs nothing of Plumbline. A proof asserts the harm:
it ends well when the harm is there, and with a failed `assert` when it is not.
"""

import hashlib
import importlib
import json as jsonlib
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

TARGET = Path(os.environ.get("PROOF_TARGET", "artefacts"))
DATABASE_URL = os.environ.get("PROOF_DATABASE_URL", "")
REDIS_URL = os.environ.get("PROOF_REDIS_URL", "")


def path(name: str) -> Path:
    """Where a file of the folder under test lies."""
    return TARGET / name


def artefact(name: str) -> str:
    """Its text."""
    return path(name).read_text(encoding="utf-8")


def module(name: str) -> ModuleType:
    """A Python file of the folder under test, imported; the folder is first on sys.path."""
    return importlib.import_module(name)


def named_sql(file: str, name: str) -> str:
    """One statement out of a file that marks each with `-- name: …` on a line of its own."""
    parts = re.split(r"^-- name: *([\w-]+).*$", artefact(file), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))[name].strip().rstrip(";")


def connect(*, autocommit: bool = True, **options: Any) -> Any:
    """A psycopg connection to this proof's own empty database (`needs: [postgresql]`)."""
    import psycopg

    return psycopg.connect(DATABASE_URL, autocommit=autocommit, **options)


def load(connection: Any, *files: str) -> None:
    """Runs SQL files of the folder under test; each may hold many statements."""
    for file in files:
        connection.execute(artefact(file))


def refused(call: Callable[[], Any]) -> bool:
    """True if the database refuses it, by constraint, trigger, lock or rights."""
    import psycopg

    try:
        call()
    except (psycopg.errors.SyntaxErrorOrAccessRuleViolation, psycopg.ProgrammingError) as error:
        if isinstance(error, psycopg.errors.InsufficientPrivilege):
            return True
        raise
    except psycopg.Error:
        return True
    return False


def waiting(connection: Any) -> int:
    """How many sessions of this proof's own database wait for a lock; ask it with autocommit."""
    asked = """SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'"""
    return connection.execute(asked).fetchone()[0]


def together(*calls: Callable[[], Any], seconds: float = 10) -> list[Any]:
    """Starts all calls at the same instant, each in a thread; results or exceptions, in order."""
    barrier = threading.Barrier(len(calls))
    results: list[Any] = [TimeoutError()] * len(calls)

    def run(index: int, call: Callable[[], Any]) -> None:
        barrier.wait()
        try:
            results[index] = call()
        except Exception as error:
            results[index] = error

    threads = [
        threading.Thread(target=run, args=(index, call), daemon=True)
        for index, call in enumerate(calls)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(seconds)
    return results


@dataclass(frozen=True)
class Response:
    status: int
    headers: dict[str, str]
    body: bytes
    text: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", self.body.decode("utf-8", "replace"))

    def json(self) -> Any:
        return jsonlib.loads(self.body)


def http(
    method: str,
    url: str,
    *,
    json: Any = None,
    data: bytes | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """One request; any status is a Response, redirects are not followed."""
    sent = dict(headers or {})
    if json is not None:
        data = jsonlib.dumps(json).encode()
        sent.setdefault("Content-Type", "application/json")
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "127.0.0.1", parts.port, timeout=10)
    try:
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request(method, target or "/", body=data, headers=sent)
        answer = connection.getresponse()
        return Response(answer.status, dict(answer.getheaders()), answer.read())
    finally:
        connection.close()


class _Quiet(WSGIRequestHandler):
    def log_message(self, *args: Any) -> None:
        return None


class _Threaded(WSGIServer):
    daemon_threads = True

    def process_request(self, request: Any, client_address: Any) -> None:
        threading.Thread(target=self._one, args=(request, client_address), daemon=True).start()

    def _one(self, request: Any, client_address: Any) -> None:
        try:
            self.finish_request(request, client_address)
        finally:
            self.shutdown_request(request)


@contextmanager
def serve(app: Callable[..., Any]) -> Iterator[str]:
    """Runs a WSGI app on a free loopback port, one thread per request; yields its base URL."""
    server = make_server("127.0.0.1", 0, app, server_class=_Threaded, handler_class=_Quiet)
    # `shutdown` waits for the next poll.
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def run(
    *command: str, stdin: str = "", env: dict[str, str] | None = None, seconds: float = 15
) -> subprocess.CompletedProcess[str]:
    """A program in the folder under test (`run("node", "report.ts")`), run to its end."""
    return subprocess.run(
        command,
        input=stdin,
        capture_output=True,
        text=True,
        cwd=TARGET,
        env=os.environ | (env or {}),
        timeout=seconds,
        check=False,
    )


@contextmanager
def started(*command: str, env: dict[str, str] | None = None, seconds: float = 10) -> Iterator[str]:
    """A server in the folder under test, told its port by PORT; yields its URL once it listens."""
    port = free_port()
    with subprocess.Popen(
        command, cwd=TARGET, env=os.environ | (env or {}) | {"PORT": str(port)}
    ) as process:
        try:
            deadline = time.monotonic() + seconds
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port), 1).close()
                    break
                except OSError:
                    if process.poll() is not None or time.monotonic() > deadline:
                        raise RuntimeError(f"{command[0]} does not listen") from None
                    time.sleep(0.02)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()


def go_build(*extra: str) -> str:
    """The Go files under test, compiled with `extra` files from beside the proof; a program's path.

    A proof brings its own main.go this way (`needs: [go]`). What is compiled once in a run is kept.
    """
    files = {file.relative_to(TARGET): file.read_bytes() for file in sorted(TARGET.rglob("*.go"))}
    for name in extra:
        files[Path(name)] = (Path(sys.argv[0]).parent / name).read_bytes()
    digest = hashlib.sha256(b"\0".join(str(path).encode() + b"\0" + files[path] for path in files))
    kept = Path(os.environ["GOCACHE"], "programs", digest.hexdigest())
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        program = _compiled(files)
        shutil.move(program, own := kept.with_name(f"{kept.name}-{os.getpid()}"))
        own.rename(kept)
    return str(kept)


def _compiled(files: dict[Path, bytes]) -> Path:
    build = Path.cwd() / "go-build"
    shutil.copytree(TARGET, build, dirs_exist_ok=True)
    for path, content in files.items():
        (build / path).write_bytes(content)
    if not (build / "go.mod").exists():
        (build / "go.mod").write_text("module artefact\n\ngo 1.22\n", encoding="utf-8")
    made = subprocess.run(
        ["go", "build", "-o", "../program", "."],
        cwd=build,
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        raise RuntimeError(made.stderr)
    return Path.cwd() / "program"


def free_port() -> int:
    """A loopback port nobody listens on, for a program the proof starts itself."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
