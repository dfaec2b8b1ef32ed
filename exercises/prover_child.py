"""Runs proofs, each in a process of its own: `python run.py`, then one order a line on stdin.

What proofs import is imported once; every order forks, so a proof costs itself and not its imports.
An order is JSON: proof, verdict (a file), output (a file), cwd, env, limits. The answers are two
lines: the pid of the proof, which leads a process group of its own, and its wait status.

The verdict goes to a file, so that code under test which ends the process proves nothing.
"""

import contextlib
import importlib
import json
import os
import resource
import runpy
import signal
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Any

HARM, CLEAR, BROKEN = 0, 1, 2
# What proofkit and most proofs use; what is not here is imported by the proof that needs it.
AHEAD = (
    *("decimal", "http.client", "logging", "random", "re", "shutil", "socket", "subprocess"),
    *("threading", "unittest", "urllib.parse", "wsgiref.simple_server", "psycopg", "redis", "yaml"),
)
DJANGO_AHEAD = (
    *("django.conf", "django.core.wsgi", "django.db.models", "django.http", "django.urls"),
    *("django.contrib.auth.hashers", "django.views.decorators.http"),
)


def _limit(limits: dict[str, int]) -> None:
    for name, value in limits.items():
        which = getattr(resource, name)
        hard = resource.getrlimit(which)[1]
        soft = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(which, (soft, soft))


def _asserted_in(folder: Path, error: AssertionError) -> bool:
    frames = traceback.extract_tb(error.__traceback__)
    return bool(frames) and Path(frames[-1].filename).is_relative_to(folder)


def _broken(proof: Path, error: BaseException) -> str:
    """What happened, from the proof on: how it was started tells its author nothing."""
    at = error.__traceback__
    while at and at.tb_frame.f_code.co_filename != str(proof):
        at = at.tb_next
    return "".join(traceback.format_exception(type(error), error, at))


def _run(proof: Path) -> tuple[int, str]:
    try:
        runpy.run_path(str(proof), run_name="__main__")
    except AssertionError as error:
        if _asserted_in(proof.parent, error):
            return CLEAR, f"clear: {error}"
        return BROKEN, _broken(proof, error)
    except BaseException as error:
        return BROKEN, _broken(proof, error)
    return HARM, "harm"


def _prove(order: dict[str, Any]) -> None:
    """In the fork: becomes what a fresh interpreter for this one proof would be."""
    os.setsid()
    os.chdir(order["cwd"])
    output = os.open(order["output"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    for stream, source in ((0, os.open(os.devnull, os.O_RDONLY)), (1, output), (2, output)):
        os.dup2(source, stream)
    os.environ.clear()
    os.environ.update(order["env"])
    tempfile.tempdir = None
    _limit(order["limits"])
    proof = Path(order["proof"]).resolve()
    sys.path[0] = str(proof.parent)
    sys.path.insert(0, os.environ["PROOF_TARGET"])
    sys.argv[:] = [str(proof)]
    code, said = _run(proof)
    Path(order["verdict"]).write_text(f"{code}\n{said}", encoding="utf-8")
    sys.stdout.flush()
    sys.stderr.flush()
    # Threads and connections that a proof left open must not hold the process.
    os._exit(code)


def _answer(number: int) -> None:
    os.write(1, f"{number}\n".encode())


def _ahead(names: tuple[str, ...]) -> None:
    for name in names:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)


def main() -> None:
    _ahead(AHEAD + (DJANGO_AHEAD if "django" in sys.argv[1:] else ()))
    with os.fdopen(0, "rb", buffering=0, closefd=False) as orders:
        for line in orders:
            pid = os.fork()
            if pid == 0:
                try:
                    _prove(json.loads(line))
                finally:
                    os._exit(BROKEN)
            _answer(pid)
            # Its children go before it is reaped: until then its number is nobody else's.
            os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)
            _answer(os.waitpid(pid, 0)[1])


if __name__ == "__main__":
    main()
