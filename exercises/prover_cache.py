"""Results of proofs, kept in a file by what they depend on."""

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from exercises.folder import ExerciseFolder
from exercises.prover import ProofResult, is_proven


class Cache:
    """Results by what they depend on: the folder's files and the prover itself."""

    def __init__(self, file: Path | None) -> None:
        self.file = file
        self.known: dict[str, Any] = {}
        if file and file.exists():
            self.known = json.loads(file.read_text(encoding="utf-8"))
        prover = hashlib.sha256()
        for path in sorted(Path(__file__).parent.glob("pro*.py")):
            prover.update(path.read_bytes())
        self.prover = prover.hexdigest()

    def _key(self, folder: ExerciseFolder) -> str:
        return f"{self.prover[:16]} {folder.content_hash}"

    def results(self, folder: ExerciseFolder) -> list[ProofResult] | None:
        rows = self.known.get(self._key(folder))
        return None if rows is None else [ProofResult(**row) for row in rows]

    def keep(self, folder: ExerciseFolder, results: list[ProofResult]) -> None:
        """What disagreed or was not run is looked at again the next time."""
        if self.file and is_proven(results):
            self.known[self._key(folder)] = [asdict(result) for result in results]
            self.file.parent.mkdir(parents=True, exist_ok=True)
            temporary = self.file.with_suffix(".part")
            temporary.write_text(json.dumps(self.known), encoding="utf-8")
            temporary.replace(self.file)
