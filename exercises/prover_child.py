"""Runs one proof in its own process: `python run.py <proof> <verdict file> <limits as JSON>`.

The verdict goes to a file, so that code under test which ends the process proves nothing.
"""

import json
import os
import resource
import runpy
import sys
import traceback
from pathlib import Path

HARM, CLEAR, BROKEN = 0, 1, 2


def _limit(limits: dict[str, int]) -> None:
    for name, value in limits.items():
        which = getattr(resource, name)
        hard = resource.getrlimit(which)[1]
        soft = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(which, (soft, soft))


def _asserted_in(folder: Path, error: AssertionError) -> bool:
    frames = traceback.extract_tb(error.__traceback__)
    return bool(frames) and Path(frames[-1].filename).is_relative_to(folder)


def _run(proof: Path) -> tuple[int, str]:
    try:
        runpy.run_path(str(proof), run_name="__main__")
    except AssertionError as error:
        if _asserted_in(proof.parent, error):
            return CLEAR, f"clear: {error}"
        return BROKEN, traceback.format_exc()
    except BaseException:
        return BROKEN, traceback.format_exc()
    return HARM, "harm"


def main() -> None:
    proof, verdict = Path(sys.argv[1]).resolve(), Path(sys.argv[2])
    _limit(json.loads(sys.argv[3]))
    sys.path[0] = str(proof.parent)
    sys.path.insert(0, os.environ["PROOF_TARGET"])
    sys.argv[:] = [str(proof)]
    code, said = _run(proof)
    verdict.write_text(f"{code}\n{said}", encoding="utf-8")
    sys.stdout.flush()
    sys.stderr.flush()
    # Threads and connections that a proof left open must not hold the process.
    os._exit(code)


if __name__ == "__main__":
    main()
