"""An exercise being written, field by field, and the folder it becomes. Plain functions on texts.

A draft is `{field: value}`, as `lib.autosave.values` gives it. Its fields are those of `FACTS`,
`brief`, `baseline`, `answer:<level>:<grade>`, and for each item of a group `<group>:<uid>:<key>`,
in the order of `order:<group>`. A uid is the draft's own; an item's `id` may still change. `rest`
(of the exercise or of an item) holds what the folder says and the editor does not show: proofs,
tools, further places.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import yaml

from exercises.folder_check import (
    CRITIQUE_KINDS,
    DESIGN_KINDS,
    GRADES,
    KEY,
    MAX_FILE,
    Lines,
    ranges,
)
from exercises.folder_yaml import Document

Values = Mapping[str, Any]
Texts = dict[str, str]

FACTS = ("slug", "title", "levels", "minutes", "ai_policy", "language", "skills", "criteria")
LISTS = frozenset({"levels", "skills", "criteria"})
# Group → its key in the file, and the keys of an item in the order in which they are written.
ITEMS: dict[str, tuple[str, tuple[str, ...]]] = {
    "flaw": (
        "flaws",
        (
            *("id", "file", "lines", "also", "severity", "category", "level", "contextual"),
            *("title", "harm", "found_when", "proof", "needs"),
        ),
    ),
    "decoy": ("decoys", ("id", "file", "lines", "title", "why_fine", "proof", "needs")),
    "expect": (
        "expects",
        ("id", "title", "weight", "level", "found_when", "why", "proof", "needs"),
    ),
    "question": (
        "questions",
        (
            *("id", "ask", "answer", "listens_for", "red_flags", "follow_ups", "criteria"),
            *("level", "proof", "needs"),
        ),
    ),
    "probe": ("probes", ("about", "ask", "listens_for")),
}
FILES = {"artefact": "artefacts", "reference": "reference"}
MARKS = ("flaw", "decoy")
CODES = {"flaw": "F", "decoy": "D", "expect": "E", "question": "Q", "probe": "P"}
# What an item of the folder has and the editor only carries along.
REST = frozenset({"also", "proof", "needs"})
# Written in the editor as one line each.
LADDERS = frozenset({("probe", "ask"), ("question", "red_flags"), ("question", "follow_ups")})

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_answer = re.compile(rf"answers/([^/]+)/({'|'.join(GRADES)})\.md")
_bad_path = re.compile(r"[\x00-\x1f\x7f\\\ud800-\udfff]")


def groups_of(kind: str) -> tuple[str, ...]:
    """The groups of items that an exercise of this kind has."""
    if kind in CRITIQUE_KINDS:
        return ("flaw", "decoy", "probe")
    if kind in DESIGN_KINDS:
        return ("expect", "question", "probe")
    return ("question", "probe")


def uids(values: Values, group: str) -> list[str]:
    return list(values.get(f"order:{group}") or ())


def of(values: Values, group: str, uid: str, key: str) -> Any:
    return values.get(f"{group}:{uid}:{key}") or ""


def slugged(words: str) -> str:
    """ "Risky endpoint: money" → "risky-endpoint-money"; nothing where no letter is left."""
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    return "-".join(re.findall(r"[a-z0-9]+", plain))[:60].strip("-")


def slug_of(values: Values) -> str:
    return str(values.get("slug") or "") or slugged(str(values.get("title") or ""))


def ids(values: Values, kind: str) -> dict[str, str]:
    """Uid → id of every item that has one: as written, else proposed from its title or text."""
    named = {
        uid: of(values, group, uid, "id") for group, uid in _named(kind, values) if group != "probe"
    }
    taken = set(named.values())
    asked = {of(values, "probe", uid, "about") for uid in uids(values, "probe")}
    for group, uid in _named(kind, values):
        # A question needs no id unless something refers to it.
        needs = group != "question" or uid in asked or of(values, group, uid, "rest")
        if group == "probe" or named[uid] or not needs:
            continue
        words = of(values, group, uid, "title") or of(values, group, uid, "ask")
        proposed = name = slugged(words)[:50].strip("-") or group
        number = 2
        while proposed in taken:
            proposed, number = f"{name}-{number}", number + 1
        taken.add(proposed)
        named[uid] = proposed
    return named


def _named(kind: str, values: Values) -> Iterator[tuple[str, str]]:
    for group in groups_of(kind):
        for uid in uids(values, group):
            yield group, uid


def parse_lines(text: str) -> Lines:
    """ "15-18, 30" → ((15, 18), (30, 30)); nothing if any part of it is no range of lines."""
    parts = [part.strip() for part in re.split(r"[,;]", text.replace("–", "-")) if part.strip()]
    found = ranges([part.replace(" ", "") for part in parts])
    return found if len(found) == len(parts) else ()


def said(lines: Lines) -> str:
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in lines)


def is_path(path: str) -> bool:
    """Whether a file of this name can stand in a folder, and is read again from there."""
    parts = path.split("/")
    return (
        0 < len(path) <= 120
        and not _bad_path.search(path)
        and all(part and part[0] != "." and part != "__pycache__" for part in parts)
        and all(len(part.encode()) <= 200 and part == part.strip() for part in parts)
    )


# --- from a folder


def begin(files: Mapping[str, str]) -> dict[str, Any]:
    """The fields of a draft that starts from this folder; it was read and checked before."""
    data: dict[str, Any] = dict(Document(file=KEY, text=files[KEY]).data)
    kind = data.pop("kind")
    values: dict[str, Any] = {name: data.pop(name) for name in FACTS if name in data}
    values["minutes"] = str(values["minutes"])
    paths = _begin_files(files, values)
    uid_of: dict[str, str] = {}
    for group in groups_of(kind):
        _begin_items(group, data.pop(ITEMS[group][0], ()), values, paths, uid_of)
    if data:
        values["rest"] = data
    return values


def _begin_files(files: Mapping[str, str], values: dict[str, Any]) -> dict[str, str]:
    paths: dict[str, str] = {}
    for path, text in sorted(files.items()):
        folder, _slash, name = path.partition("/")
        group = next((one for one, home in FILES.items() if home == folder), "")
        if group and name:
            uid = uuid4().hex
            values.setdefault(f"order:{group}", []).append(uid)
            values[f"{group}:{uid}:path"], values[f"{group}:{uid}:text"] = name, tidy(text)
            if group == "artefact":
                paths[name] = uid
        elif field := _field_of(path):
            values[field] = tidy(text)
    return paths


def _field_of(path: str) -> str:
    """The field that a file of one text is written in, "" for the others."""
    if path in {"brief.md", "baseline.md"}:
        return path.removesuffix(".md")
    found = _answer.fullmatch(path)
    return f"answer:{found[1]}:{found[2]}" if found else ""


def _begin_items(
    group: str,
    items: Iterable[Mapping[str, Any]],
    values: dict[str, Any],
    paths: Mapping[str, str],
    uid_of: dict[str, str],
) -> None:
    for item in items:
        uid = uuid4().hex
        uid_of[item.get("id", "")] = uid
        values.setdefault(f"order:{group}", []).append(uid)
        rest = {key: item[key] for key in REST if key in item}
        if "also" in rest:
            rest["also"] = [{**one, "file": paths.get(one["file"], one["file"])}
                            for one in rest["also"]]  # fmt: skip
        if rest:
            values[f"{group}:{uid}:rest"] = rest
        for key in item.keys() - REST:
            values[f"{group}:{uid}:{key}"] = _shown(group, key, item[key], paths, uid_of)


def _shown(
    group: str, key: str, value: Any, paths: Mapping[str, str], uid_of: Mapping[str, str]
) -> Any:
    if (group, key) in LADDERS:
        return "\n".join(" ".join(one.split()) for one in value)
    if key == "lines":
        return said(ranges(value))
    if key in {"file", "about"}:
        return (paths if key == "file" else uid_of).get(value, "")
    return tidy(value) if isinstance(value, str) else str(value) if key == "weight" else value


def tidy(text: str) -> str:
    """As a browser sends it back."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


# --- to a folder


def write(values: Values, *, kind: str, base: Mapping[str, str] | None = None) -> Texts:
    """Every file of the folder. What is as it was in `base` keeps its bytes."""
    base = base or {}
    begun = begin(base) if base else {}
    before = _texts(begun)
    files = {
        path: base[path] if before.get(path) == text else _ended(text)
        for path, text in _texts(values).items()
    }
    data = document(values, kind)
    is_same = bool(base) and data == document(begun, kind)
    files[KEY] = base[KEY] if is_same else dump(data)
    proofs = {item.get("proof") for key, _ in ITEMS.values() for item in data.get(key, ())}
    for path, text in base.items():
        is_orphan = path.startswith("proofs/test_") and path not in proofs
        if not _is_written(path) and not is_orphan:
            files[path] = text
    return dict(sorted(files.items()))


def _is_written(path: str) -> bool:
    folder = path.partition("/")[0]
    return path == KEY or folder in FILES.values() or bool(_field_of(path))


def _ended(text: str) -> str:
    return text if not text or text.endswith("\n") else f"{text}\n"


def _texts(values: Values) -> Texts:
    """Path → text of every file but the key, as the draft has it; invalid names are left out."""
    texts = {}
    for group, folder in FILES.items():
        for uid in uids(values, group):
            if is_path(path := of(values, group, uid, "path")):
                texts[f"{folder}/{path}"] = of(values, group, uid, "text")
    names = [("brief", "brief.md"), ("baseline", "baseline.md")]
    for level in values.get("levels") or ():
        names += [(f"answer:{level}:{grade}", f"answers/{level}/{grade}.md") for grade in GRADES]
    return texts | {path: values[name] for name, path in names if (values.get(name) or "").strip()}


def document(values: Values, kind: str) -> dict[str, Any]:
    """What `exercise.yaml` says, in the order of docs/exercises.md, without what is empty."""
    rest = dict(values.get("rest") or {})
    minutes = str(values.get("minutes") or "").strip()
    data = {
        **{name: values.get(name) for name in FACTS},
        "slug": slug_of(values),
        "title": str(values.get("title") or "").strip(),
        "minutes": int(minutes) if minutes.isdecimal() else minutes,
        "needs": rest.pop("needs", None),
    }
    named, paths = ids(values, kind), _paths(values)
    for group in groups_of(kind):
        key, _keys = ITEMS[group]
        data[key] = [_item(values, group, uid, named, paths) for uid in uids(values, group)]
    ordered = {"slug": data.pop("slug"), "title": data.pop("title"), "kind": kind, **data, **rest}
    return {key: value for key, value in ordered.items() if value not in (None, "", [])}


def _paths(values: Values) -> dict[str, str]:
    return {uid: of(values, "artefact", uid, "path") for uid in uids(values, "artefact")}


def _item(
    values: Values, group: str, uid: str, named: Mapping[str, str], paths: Mapping[str, str]
) -> dict[str, Any]:
    rest = of(values, group, uid, "rest") or {}
    item: dict[str, Any] = {}
    for key in ITEMS[group][1]:
        value = rest.get(key) if key in REST else of(values, group, uid, key)
        if key == "id":
            value = named.get(uid, "")
        elif key == "about":
            value = named.get(str(value), "")
        elif key == "file":
            value = paths.get(str(value), "")
        elif key == "also" and value:
            value = [{**one, "file": paths.get(one["file"], one["file"])} for one in value]
        item[key] = _written(group, key, value)
    # `false` is what is meant when nothing is said.
    return {key: value for key, value in item.items() if value not in (None, "", [], False)}


def _written(group: str, key: str, value: Any) -> Any:
    if (group, key) in LADDERS:
        return [line.strip() for line in value.splitlines() if line.strip()] if value else []
    if key == "lines":
        lines: list[Any] = [a if a == b else f"{a}-{b}" for a, b in parse_lines(value)]
        return lines[0] if len(lines) == 1 else lines
    if key == "weight":
        return int(value) if value.isdecimal() else value
    return value.strip() if isinstance(value, str) else value


class _Dumper(yaml.SafeDumper):
    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: FBT001, FBT002
        super().increase_indent(flow, False)  # noqa: FBT003 (lists stand below their key)


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    style = "|" if "\n" in text else ">" if len(text) > 90 else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _list(dumper: yaml.SafeDumper, items: list[Any]) -> yaml.Node:
    short = all(isinstance(one, str | int) for one in items) and len(str(items)) <= 90
    return dumper.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=short)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(list, _list)


def dump(data: dict[str, Any]) -> str:
    """Readable block YAML that reads back as the same data."""
    options: dict[str, Any] = {"sort_keys": False, "allow_unicode": True, "width": 120}
    text = yaml.dump(data, Dumper=_Dumper, **options)
    is_same = Document(file=KEY, text=text).data == data
    # Block scalars cannot say everything, for example a line of blanks at the beginning.
    return text if is_same else yaml.safe_dump(data, **options)


def lay_out(files: Mapping[str, str], root: Path) -> Path:
    """The folder on disk, where there is none yet."""
    for path, text in files.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())
    return root


def too_large(text: str) -> bool:
    return len(text.encode(errors="replace")) > MAX_FILE
