"""Runs the proofs of an exercise and says whether each planted flaw is one.

Pure of Django. Every proof is a process of its own with limits of time and memory; what it may
use is in exercises/proofkit.py, what it must show in docs/exercises.md.
"""

import shutil
import tempfile
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from exercises.folder import Decoy, ExerciseFolder, Expect, Flaw, Question
from exercises.prover_diff import Fixes, fixes, undone
from exercises.prover_runner import Runners
from exercises.prover_services import ServiceError, Services, tools_path

SECONDS = 20
MEMORY = 1024 * 1024 * 1024
# Their runtimes reserve far more address space than they use.
RESERVING = frozenset({"node", "go"})
HERE = Path(__file__).parent

HARM, CLEAR, BROKEN, NOT_RUN, NONE = "harm", "clear", "broken", "not run", "–"
HOLDS, OPEN = "holds", "open"
PROVEN, DISAGREES, NO_PROOF = "proven", "disagrees", "no proof"

Item = Flaw | Decoy | Expect | Question


@dataclass(frozen=True)
class Run:
    """One proof against one folder: harm, clear, broken or not run."""

    verdict: str
    seconds: float = 0.0
    said: str = ""


@dataclass(frozen=True)
class ProofResult:
    """One line of the table; `state` is proven, disagrees, not run or no proof."""

    slug: str
    id: str
    role: str
    state: str
    on_artefact: str = NONE
    on_reference: str = NONE
    undone: str = NONE
    seconds: float = 0.0
    problems: tuple[str, ...] = ()


def is_proven(results: Iterable[ProofResult]) -> bool:
    """Whether nothing is left to show; an exercise that plants nothing has nothing to show."""
    return all(result.state == PROVEN for result in results)


def prove(
    folder: ExerciseFolder,
    workers: int = 2,
    *,
    services: Services | None = None,
    seconds: float = SECONDS,
) -> list[ProofResult]:
    """Runs every proof of the folder; one result per flaw, decoy and question, in file order."""
    if services is None:
        with Services() as own:
            return prove(folder, workers, services=own, seconds=seconds)
    [results] = prove_each([folder], workers, services=services, seconds=seconds)
    return results


def prove_each(
    folders: Iterable[ExerciseFolder],
    workers: int = 2,
    *,
    services: Services,
    seconds: float = SECONDS,
) -> Iterator[list[ProofResult]]:
    """The results of each folder in turn; its last proofs run beside the first of the next."""
    pool = ThreadPoolExecutor(max_workers=max(1, workers))
    under_way: deque[_Proving] = deque()

    def finished() -> list[ProofResult]:
        results = under_way[0].results()
        under_way.popleft().bench.close()
        return results

    try:
        for folder in folders:
            under_way.append(_Proving(folder, _Bench(folder, services, seconds), pool))
            if len(under_way) > 1:
                yield finished()
        while under_way:
            yield finished()
    finally:
        # Interrupted by hand: what has not begun shall not begin.
        pool.shutdown(wait=True, cancel_futures=True)
        for proving in under_way:
            proving.bench.close()


class _Bench:
    """The copies that the proofs of a folder work on, and one run of one proof."""

    def __init__(self, folder: ExerciseFolder, services: Services, seconds: float) -> None:
        self._home = tempfile.TemporaryDirectory(prefix="proofs-")
        self.home = Path(self._home.name)
        self.services = services
        self.seconds = seconds
        kit = self.home / "kit"
        kit.mkdir()
        shutil.copy(HERE / "proofkit.py", kit / "proofkit.py")
        shutil.copy(HERE / "prover_guard.py", kit / "sitecustomize.py")
        shutil.copy(HERE / "prover_child.py", kit / "run.py")
        self.environment = {
            "PATH": tools_path(),
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            "PYTHONPATH": str(kit),
            "PYTHONDONTWRITEBYTECODE": "1",
            "OPENBLAS_NUM_THREADS": "1",
        }
        self.runners = Runners(kit, self.environment)
        self.proofs = self.home / "proofs"
        if (folder.path / "proofs").is_dir():
            shutil.copytree(folder.path / "proofs", self.proofs)

    def close(self) -> None:
        self.runners.close()
        self._home.cleanup()

    def variant(self, name: str, files: dict[str, str]) -> Path:
        root = self.home / "variants" / name
        root.mkdir(parents=True)
        for path, text in files.items():
            file = root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8", newline="")
        return root

    def run(self, item: Item, target: Path) -> Run:
        absent = self.services.missing(item.needs)
        if absent:
            return Run(NOT_RUN, said=f"missing: {absent}")
        proof = self.proofs / Path(item.proof).name
        with tempfile.TemporaryDirectory(prefix="proof-", dir=self.home) as cwd:
            try:
                with self.services.environment(item.needs) as given:
                    return self._process(proof, target, Path(cwd), given, item.needs)
            except ServiceError as error:
                return Run(NOT_RUN, said=str(error))

    def _process(
        self, proof: Path, target: Path, cwd: Path, given: dict[str, str], needs: tuple[str, ...]
    ) -> Run:
        verdict, output = cwd / ".verdict", cwd / ".output"
        order = {
            "proof": str(proof),
            "verdict": str(verdict),
            "output": str(output),
            "cwd": str(cwd),
            "env": self._environment(target, cwd, given),
            "limits": self._limits(needs),
        }
        # The first proof of a version compiles it for the others as well.
        seconds = 3 * self.seconds if "go" in needs else self.seconds
        modules = ["django"] if "python:django" in needs else []
        started = time.monotonic()
        with self.runners.one(*modules) as runner:
            status = runner.run(order, seconds)
        spent = time.monotonic() - started
        if status is None:
            return Run(BROKEN, spent, f"longer than {seconds:g} seconds")
        said = output.read_bytes()[-2000:].decode("utf-8", "replace") if output.exists() else ""
        return _judged(verdict, spent, said or f"ended with {status}")

    def _limits(self, needs: tuple[str, ...]) -> dict[str, int]:
        space = "RLIMIT_DATA" if RESERVING & set(needs) else "RLIMIT_AS"
        cpu = int(self.seconds) + 1
        return {
            space: MEMORY,
            "RLIMIT_CPU": cpu,
            "RLIMIT_FSIZE": 64 * 1024 * 1024,
            "RLIMIT_CORE": 0,
        }

    def _environment(self, target: Path, cwd: Path, given: dict[str, str]) -> dict[str, str]:
        own = {"HOME": str(cwd), "TMPDIR": str(cwd), "PROOF_TARGET": str(target)}
        return {**self.environment, **own, **given}


def _judged(verdict: Path, spent: float, output: str) -> Run:
    if not verdict.exists():
        return Run(BROKEN, spent, f"ended before its verdict: {output.strip()[-500:]}")
    code, _, said = verdict.read_text(encoding="utf-8").partition("\n")
    word = {"0": HARM, "1": CLEAR}.get(code, BROKEN)
    return Run(word, spent, _shortened(said.strip()))


def _shortened(said: str, most: int = 500) -> str:
    """Its end, in whole lines: there a traceback says what happened."""
    if len(said) <= most:
        return said
    return f"… {said[-most:].partition(chr(10))[2] or said[-most:]}"


class _Proving:
    """All runs of one exercise, started together, and what they add up to."""

    def __init__(self, folder: ExerciseFolder, bench: _Bench, pool: ThreadPoolExecutor) -> None:
        self.folder = folder
        self.bench = bench
        self.fixes: Fixes = fixes(folder)
        self.proved = [flaw for flaw in folder.flaws if flaw.proof]
        questions = [q for q in folder.questions if q.proof or folder.kind == "data_model"]
        expects = [expect for expect in folder.expects if expect.proof]
        self.items: list[Item] = [*folder.flaws, *folder.decoys, *expects, *questions]
        self.artefact: dict[str, Future[Run]] = {}
        self.reference: dict[str, Future[Run]] = {}
        self.undone: dict[str, dict[str, Future[Run]]] = {}
        artefacts = bench.variant("artefacts", folder.artefacts)
        reference = bench.variant("reference", folder.reference)
        for item in filter(lambda item: item.proof, self.items):
            if folder.artefacts:
                self.artefact[item.id] = pool.submit(bench.run, item, artefacts)
            self.reference[item.id] = pool.submit(bench.run, item, reference)
        for flaw in self.proved:
            taken_back = self.fixes.of[flaw.id]
            if taken_back:
                variant = bench.variant(f"undone-{flaw.id}", undone(folder, taken_back))
                self.undone[flaw.id] = {
                    other.id: pool.submit(bench.run, other, variant) for other in self.proved
                }

    def results(self) -> list[ProofResult]:
        found = [self._result(item) for item in self.items]
        # Without any proof there is nothing the reference could disagree with.
        if self.proved and self.fixes.unclaimed:
            problems = tuple(f"no flaw claims the change at {h}" for h in self.fixes.unclaimed)
            found.append(
                ProofResult(
                    self.folder.slug, "reference", "reference", DISAGREES, problems=problems
                )
            )
        return found

    def _result(self, item: Item) -> ProofResult:
        role = type(item).__name__.lower()
        if not item.proof:
            return ProofResult(self.folder.slug, item.id, role, NO_PROOF)
        artefact = self.artefact[item.id].result() if item.id in self.artefact else Run(NONE)
        reference = self.reference[item.id].result()
        runs = [artefact, reference]
        if isinstance(item, Flaw):
            problems = [*self._flaw(artefact, reference)]
            word, more = self._undone(item, runs)
            problems += more
            shown = (artefact.verdict, reference.verdict)
        else:
            problems = [*self._holding(item, artefact, reference)]
            word = NONE
            shown = (_held(artefact, starter=not isinstance(item, Decoy)), _held(reference))
        state = DISAGREES if problems else PROVEN
        if any(run.verdict == NOT_RUN for run in runs):
            state, problems = NOT_RUN, [next(r.said for r in runs if r.verdict == NOT_RUN)]
        return ProofResult(
            slug=self.folder.slug,
            id=item.id,
            role=role,
            state=state,
            on_artefact=shown[0],
            on_reference=shown[1],
            undone=word,
            seconds=sum(run.seconds for run in runs),
            problems=tuple(problems),
        )

    def _flaw(self, artefact: Run, reference: Run) -> Iterable[str]:
        if artefact.verdict != HARM:
            yield f"on the artefact no harm: {_why(artefact)}"
        if reference.verdict != CLEAR:
            yield f"on the reference not clear: {_why(reference, artefact)}"

    def _holding(self, item: Item, artefact: Run, reference: Run) -> Iterable[str]:
        if reference.verdict != HARM:
            yield f"does not hold on the reference: {_why(reference)}"
        if isinstance(item, Decoy):
            if artefact.verdict != HARM:
                yield f"does not hold on the artefact: {_why(artefact, reference)}"
        elif artefact.verdict == HARM:
            yield "holds on the starter already"

    def _undone(self, flaw: Flaw, runs: list[Run]) -> tuple[str, list[str]]:
        if flaw.id not in self.undone:
            return NONE, [f"no change of the reference touches the lines of {flaw.id}"]
        problems = [f"shares the change at {h}" for h in self.fixes.shared.get(flaw.id, ())]
        verdicts = {name: run.result() for name, run in self.undone[flaw.id].items()}
        runs.append(verdicts[flaw.id])
        if verdicts[flaw.id].verdict != HARM:
            said = _why(verdicts[flaw.id], *runs[:2])
            return verdicts[flaw.id].verdict, [*problems, f"undone, but no harm: {said}"]
        others = _others(flaw, verdicts)
        if others:
            return "others too", [*problems, *others]
        return "only this", problems


def _others(flaw: Flaw, verdicts: dict[str, Run]) -> Sequence[str]:
    return [
        f"undoing it also turns {name} {run.verdict}: {run.said}"
        for name, run in verdicts.items()
        if name != flaw.id and run.verdict not in {CLEAR, NOT_RUN}
    ]


def _why(run: Run, *before: Run) -> str:
    """What a run said; of a proof that breaks in the same way everywhere, only once."""
    if run.verdict != BROKEN:
        return run.said
    if any(other.verdict == BROKEN and other.said == run.said for other in before):
        return "the proof breaks in the same way"
    return f"the proof breaks: {run.said}"


def _held(run: Run, *, starter: bool = False) -> str:
    # A starter lacks the tables that a question is about: that it breaks there is no surprise.
    broken = OPEN if starter else BROKEN
    return {HARM: HOLDS, CLEAR: OPEN, BROKEN: broken}.get(run.verdict, run.verdict)
