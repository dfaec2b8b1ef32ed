"""The other end of exercises/prover_child.py: orders one proof at a time, and waits so long."""

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any


class Runner:
    """One process that forks for each proof; used by one thread at a time."""

    def __init__(self, kit: Path, env: dict[str, str], *modules: str) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own command, no shell
            [sys.executable, str(kit / "run.py"), *modules],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=kit,
            env=env,
            bufsize=0,
            start_new_session=True,
        )

    def run(self, order: dict[str, Any], seconds: float) -> int | None:
        """The wait status of the proof; None if it took longer and was ended."""
        pid = 0
        deadline = time.monotonic() + seconds
        try:
            self._stream("stdin").write(json.dumps(order).encode() + b"\n")
            # Answered at once, but for the imports of a runner that has just been started.
            pid = self._number(None)
            status = self._number(max(0, deadline - time.monotonic()))
            if status is not None:
                return status
        except BaseException:
            # Interrupted: nothing that was started stays behind.
            self._kill(pid)
            raise
        self._kill(pid)
        self._number(None)
        return None

    def _kill(self, pid: int) -> None:
        if pid:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)

    def _stream(self, name: str) -> Any:
        return getattr(self._process, name)

    def _number(self, seconds: float | None) -> Any:
        stream = self._stream("stdout")
        with selectors.DefaultSelector() as waiting:
            waiting.register(stream, selectors.EVENT_READ)
            if not waiting.select(seconds):
                return None
        line = stream.readline()
        if not line:
            raise RuntimeError("the process that runs proofs has ended")
        return int(line)

    def close(self) -> None:
        self._stream("stdin").close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._stream("stdout").close()


class Runners:
    """As many runners as are in use at once."""

    def __init__(self, kit: Path, env: dict[str, str]) -> None:
        self._kit, self._env = kit, env
        self._lock = threading.Lock()
        self._idle: dict[tuple[str, ...], list[Runner]] = {}
        self._all: list[Runner] = []

    @contextlib.contextmanager
    def one(self, *modules: str) -> Iterator[Runner]:
        with self._lock:
            idle = self._idle.setdefault(modules, [])
            runner = idle.pop() if idle else None
        if runner is None:
            runner = Runner(self._kit, self._env, *modules)
            with self._lock:
                self._all.append(runner)
        yield runner
        # After an error it is not used again; `close` ends it.
        with self._lock:
            idle.append(runner)

    def close(self) -> None:
        for runner in self._all:
            runner.close()
