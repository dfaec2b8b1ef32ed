"""CPU time and memory, of this process and of others. Never wall-clock time."""

import gc
import json
import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")
PAIRS = 9

Work = Callable[[], object]


def spent(work: Work, times: int) -> float:
    """CPU seconds of one call, in this process."""
    gc.collect()
    start = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - start) / times


def paired(
    work: Work, base: Work, *, times: int = 5, base_times: int = 5, pairs: int = PAIRS
) -> tuple[float, float, float]:
    """The median of the pairs' ratios, then the median seconds of each; both warmed up before."""
    work()
    base()
    found = [(spent(work, times), spent(base, base_times)) for _ in range(pairs)]
    return (
        statistics.median(a / b for a, b in found),
        statistics.median(a for a, _ in found),
        statistics.median(b for _, b in found),
    )


def _parents() -> dict[int, int]:
    found = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except OSError:  # it has ended meanwhile
            continue
        found[int(entry.parent.name)] = int(fields[1])
    return found


def tree(root: int) -> list[int]:
    """A process and all that descend from it."""
    parents, found = _parents(), [root]
    for pid in found:
        found += [child for child, parent in parents.items() if parent == pid]
    return found


def cpu_of(pids: list[int]) -> float:
    """CPU seconds that these have used so far, and those of their children that have ended."""
    total = 0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += sum(map(int, fields[11:15]))
    return total / TICK


def memory_of(pids: list[int]) -> float:
    """MB; what several share counts in parts."""
    total = 0
    for pid in pids:
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


def resident() -> float:
    """MB that this process holds."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("no VmRSS")


def tell(what: str, reach: str, measured: str, is_reached: bool) -> None:
    """One row for `bench.platform`, which reads them from our output."""
    print(json.dumps([what, reach, measured, is_reached]), flush=True)


def milliseconds(*seconds: float) -> str:
    return " / ".join(f"{one * 1000:.3g}" for one in seconds) + " ms"
