"""What makes a folder an exercise, beyond the JSON Schema: files, lines, ids, vocabulary."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from exercises.folder_yaml import Document, Problem, Where

GRADES = ("strong", "fair", "weak")
CRITIQUE_KINDS = frozenset({"schema_critique", "endpoint_critique", "ai_code_review"})
DESIGN_KINDS = frozenset({"data_model", "design_discussion", "ai_assisted"})
TALK_KINDS = frozenset({"structured_interview", "portfolio_review", "resume_screen"})
MAX_FILE = 256 * 1024
MAX_FILES = 200
KEY = "exercise.yaml"

Lines = tuple[tuple[int, int], ...]


class FolderError(ValueError):
    """Everything wrong with one exercise folder; `problems` has them one by one."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda p: (p.file != KEY, p.file, p.line)))
        super().__init__("\n".join(str(problem) for problem in self.problems))


def ranges(value: Any) -> Lines:
    """`15`, `15-18` or a list of them as ((15, 18), …)."""
    result = []
    for part in value if isinstance(value, list) else [value]:
        match = re.fullmatch(r"(\d+)(?:-(\d+))?", str(part))
        if match:
            result.append((int(match[1]), int(match[2] or match[1])))
    return tuple(result)


def _count(text: str) -> int:
    """The lines as pages show them (lib.code counts alike): a form feed or U+2028 ends none."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.count("\n") + bool(text and not text.endswith("\n"))


def hash_of(files: Mapping[str, bytes]) -> str:
    """The hash of a folder's content and names, and of nothing else."""
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(f"{name}\0{len(files[name])}\0".encode() + files[name])
    return digest.hexdigest()


class Files:
    """The text of every file in the folder, with what could not be read."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.text: dict[str, str] = {}
        self.problems: list[Problem] = []
        contents = {}
        for file in self._listed(root):
            name = file.relative_to(root).as_posix()
            contents[name] = self._content(file, name)
            self._decode(name, contents[name])
        self.content_hash = hash_of(contents)

    def _listed(self, root: Path) -> list[Path]:
        if not root.is_dir():
            raise FolderError([Problem(root.name, 1, "no such folder", "name an exercise folder")])
        found = [
            file
            for file in root.rglob("*")
            if (file.is_symlink() or file.is_file())
            and not any(
                part.startswith(".") or part == "__pycache__"
                for part in file.relative_to(root).parts
            )
        ]
        found.sort(key=lambda file: file.relative_to(root).as_posix())
        if len(found) > MAX_FILES:
            self._refuse(root.name, f"{len(found)} files", f"keep to {MAX_FILES}")
        return found[:MAX_FILES]

    def _content(self, file: Path, name: str) -> bytes:
        if file.is_symlink():
            self._refuse(name, "is a symbolic link", "put a real file there")
            return b""
        if file.stat().st_size > MAX_FILE:
            self._refuse(name, "is too large", f"keep it under {MAX_FILE // 1024} KB")
            return b""
        return file.read_bytes()

    def _decode(self, name: str, content: bytes) -> None:
        if b"\0" in content:
            # PostgreSQL keeps no such text, and no file that people write has one.
            line = content[: content.index(b"\0")].count(b"\n") + 1
            self.problems.append(Problem(name, line, "has a NUL byte", "save the file as text"))
        try:
            self.text[name] = content.decode("utf-8")
        except UnicodeDecodeError as error:
            line = content[: error.start].count(b"\n") + 1
            wrong = f"byte 0x{content[error.start]:02x} is not UTF-8"
            self.problems.append(Problem(name, line, wrong, "save the file as UTF-8"))
            self.text[name] = content.decode("utf-8", "replace")

    def _refuse(self, name: str, wrong: str, right: str) -> None:
        self.problems.append(Problem(name, 1, wrong, right))

    def under(self, folder: str) -> dict[str, str]:
        prefix = f"{folder}/"
        return {
            name.removeprefix(prefix): text
            for name, text in self.text.items()
            if name.startswith(prefix)
        }


class Check:
    """What the schema cannot say: files that exist, lines inside them, ids that are one."""

    def __init__(
        self, document: Document, files: Files, criteria: frozenset[str], levels: frozenset[str]
    ) -> None:
        self.document = document
        self.data: dict[str, Any] = document.data
        self.files = files
        self.criteria = criteria
        self.levels = levels
        self.artefacts = files.under("artefacts")
        self.reference = files.under("reference")

    def all(self) -> None:
        self._slug()
        self._vocabulary()
        self._ids()
        self._places()
        self._proofs()
        self._missing()
        self._answers()

    def _refuse(self, where: Where, wrong: str, right: str) -> None:
        self.document.refuse(where, wrong, right)

    def _items(self, *names: str) -> Iterator[tuple[Where, dict[str, Any]]]:
        for name in names:
            entries = self.data.get(name)
            for index, item in enumerate(entries if isinstance(entries, list) else []):
                if isinstance(item, dict):
                    yield (name, index), item

    def _slug(self) -> None:
        folder = self.files.root.name
        slug = self.data.get("slug")
        if isinstance(slug, str) and slug != folder:
            self._refuse(("slug",), f"`slug` is {slug!r}", f"write {folder!r}, the folder's name")

    def _vocabulary(self) -> None:
        self._known(("criteria",), self.data.get("criteria"), self.criteria, "criterion")
        self._known(("levels",), self.data.get("levels"), self.levels, "level")
        for where, item in self._items("flaws", "expects", "questions"):
            if "level" in item:
                self._known((*where, "level"), [item["level"]], self.levels, "level")
            self._known((*where, "criteria"), item.get("criteria"), self.criteria, "criterion")

    def _known(self, where: Where, values: Any, allowed: frozenset[str], noun: str) -> None:
        for index, value in enumerate(values if isinstance(values, list) else []):
            if isinstance(value, str) and value not in allowed:
                known = ", ".join(sorted(allowed))
                self._refuse((*where, index), f"unknown {noun} {value!r}", f"use one of: {known}")

    def _ids(self) -> None:
        seen: dict[str, int] = {}
        for where, item in self._items("flaws", "decoys", "expects", "questions"):
            name = item.get("id")
            if not isinstance(name, str):
                continue
            if name in seen:
                wrong = f"id {name!r} is already used in line {seen[name]}"
                self._refuse((*where, "id"), wrong, "give every item an id of its own")
            seen.setdefault(name, self.document.line((*where, "id")))
        for where, item in self._items("probes"):
            about = item.get("about")
            if isinstance(about, str) and about not in seen:
                known = ", ".join(seen) or "nothing has an id yet"
                wrong = f"no item has the id {about!r}"
                self._refuse((*where, "about"), wrong, f"use one of: {known}")

    def _places(self) -> None:
        for where, item in self._items("flaws", "decoys"):
            self._place(where, item)
            also = item.get("also")
            for index, place in enumerate(also if isinstance(also, list) else []):
                if isinstance(place, dict):
                    self._place((*where, "also", index), place, new=True)

    def _place(self, where: Where, item: dict[str, Any], *, new: bool = False) -> None:
        file = item.get("file")
        if not isinstance(file, str) or (new and file in self.reference and "lines" not in item):
            return
        if file not in self.artefacts:
            known = ", ".join(self.artefacts) or "the folder artefacts/ is empty"
            self._refuse((*where, "file"), f"artefacts/ has no {file!r}", f"use one of: {known}")
            return
        count = _count(self.artefacts[file])
        for start, end in ranges(item.get("lines")):
            if not 1 <= start <= end <= count:
                wrong = f"lines {start}-{end} are not in {file}"
                self._refuse((*where, "lines"), wrong, f"stay within 1-{count}, smaller first")

    def _proofs(self) -> None:
        used: dict[str, str] = {}
        for where, item in self._items("flaws", "decoys", "expects", "questions"):
            if isinstance(item.get("proof"), str):
                self._proof((*where, "proof"), item, used)
        for name in self.files.under("proofs"):
            if name.startswith("test_") and f"proofs/{name}" not in used:
                right = f"write `proof: proofs/{name}` in the item that it proves"
                self._extra(f"proofs/{name}", "no item names this proof", right)
        if used and not self.reference:
            right = "put the corrected files, or the reference design, there"
            self._extra("reference/", "the folder is missing or empty", right)

    def _proof(self, where: Where, item: dict[str, Any], used: dict[str, str]) -> None:
        proof = item["proof"]
        if proof not in self.files.text:
            self._refuse(where, f"no file {proof!r}", "write the proof or correct the name")
        if proof in used:
            wrong = f"{proof!r} already proves {used[proof]!r}"
            self._refuse(where, wrong, "give every item a proof of its own")
        if "id" not in item:
            self._refuse(where, "a proof without an id", "add `id:`")
        used.setdefault(proof, str(item.get("id")))

    def _missing(self) -> None:
        kind = str(self.data.get("kind"))
        if not self.files.text.get("brief.md", "").strip():
            self._extra("brief.md", "is missing or empty", "say what the candidate has to do")
        if kind in CRITIQUE_KINDS:
            for name in sorted(self.artefacts.keys() - self.reference.keys()):
                if self.reference:
                    right = "keep the same files in both folders"
                    self._extra(f"reference/{name}", "is missing, artefacts/ has it", right)

    def _answers(self) -> None:
        answers = self.files.under("answers")
        named = self.data.get("levels")
        listed = named if isinstance(named, list) else []
        levels = [level for level in listed if isinstance(level, str)]
        expected = {f"{level}/{grade}.md" for level in levels for grade in GRADES}
        for name in sorted(answers.keys() - expected):
            right = "name it <level>/strong.md, fair.md or weak.md, with a level of `levels`"
            self._extra(f"answers/{name}", "belongs to no level of this exercise", right)

    def _extra(self, file: str, wrong: str, right: str) -> None:
        self.document.problems.append(Problem(file, 1, wrong, right))
