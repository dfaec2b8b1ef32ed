"""What the platform costs: `python -m bench.platform [--full] [part …]`; `script/bench platform`.

Ratios of CPU time, taken in pairs in one run, median of the pairs; seconds stand beside them for
scale only, since the machine may be shared. The API needs PostgreSQL (BENCH_DATABASE_URL, which
script/bench gives). The trivial view is one that greets whoever is signed in, through the whole
stack of middleware.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PARTS = ("pdf", "queue", "pages", "api")


def run(part: str, *arguments: str) -> bool:
    """Prints the rows of one part as they come; whether all reached their figure."""
    is_good = True
    with tempfile.TemporaryDirectory(prefix="plumbline-bench-") as folder:
        Path(folder, "static").mkdir()  # WhiteNoise warns when it is missing
        environ = {**os.environ, "VAR_DIR": folder, "PYTHONPATH": str(ROOT)}
        environ.pop("REDIS_URL", None)
        environ.pop("DATABASE_URL", None)
        if part == "api":
            environ["DATABASE_URL"] = os.environ["BENCH_DATABASE_URL"]
        command = [sys.executable, "-m", f"bench.parts.{part}", *arguments]
        with subprocess.Popen(
            command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            for line in process.stdout:
                what, reach, measured, is_reached = json.loads(line)
                miss = "" if is_reached else "  MISSED"
                print(f"{what:62} {reach:20} {measured}{miss}", flush=True)
                is_good = is_good and is_reached
    if process.returncode:
        print(f"{part} ended with {process.returncode}")
    return is_good and not process.returncode


def main() -> int:
    """Prints the table; the exit code says whether the figures were reached."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(PARTS)}; all unless named")
    parser.add_argument("--full", action="store_true", help="1,000 documents in a row, not 200")
    chosen = parser.parse_args()
    print(f"{'what':62} {'reach':20} measured")
    has_all = True
    for part in chosen.parts or PARTS:
        if part == "api" and "BENCH_DATABASE_URL" not in os.environ:
            print("API lists need PostgreSQL: run script/bench platform.")
            continue
        more = ("--documents", "1000") if chosen.full and part == "pdf" else ()
        has_all = run(part, *more) and has_all
    return 0 if has_all else 1


if __name__ == "__main__":
    raise SystemExit(main())
