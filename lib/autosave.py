"""Saving a draft field by field: revisions, conflicts and repeats. Plain functions on JSON.

A draft is `{field: entry}`. An entry is

    {"v": value, "rev": 1.., "op": id, "at": ISO time, "by": str,
     "past": [[older op id, its rev], ...],                what a late repeat is answered from
     "kept": [{"v", "rev", "at", "by"}, ...]}              what was overwritten knowingly

with `past` and `kept` only where there is something in them. A deleted field stays, with `v` None,
so that its revisions go on. A draft is bounded: what it says now by MAX_DRAFT (what only shortens
is taken even then), what is kept by MAX_VERSIONS a field and MAX_KEPT bytes; the oldest go first.

An op is `{"field": str, "value": JSON, "base_rev": int, "id": str, "at": any, "resolve": bool}`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

MAX_OPS = 200
MAX_FIELDS = 1_000
MAX_VALUE = 100_000
MAX_DRAFT = 4_000_000
MAX_KEPT = 2_000_000
MAX_VERSIONS = 20
PAST = 8

# PostgreSQL takes neither NUL nor half a surrogate pair into JSON.
_unstorable = re.compile("[\x00\ud800-\udfff]")

Fields = dict[str, dict[str, Any]]
Allowed = Callable[[str, Any], Any]

_NOTHING = {"v": None, "rev": 0, "op": "", "by": ""}

TOO_LONG = "This is too long to be saved."
TOO_FULL = "This draft is full: shorten something else first."


class MalformedError(ValueError):
    """Not a list of ops; answer 400."""


class TooManyError(ValueError):
    """More than MAX_OPS at once; answer 413."""


def apply(
    fields: Mapping[str, Mapping[str, Any]],
    ops: Any,
    *,
    at: datetime,
    by: str,
    allowed: Allowed,
    max_value: int = MAX_VALUE,
) -> tuple[Fields, list[dict[str, Any]]]:
    """The draft after the ops, in their order, and one answer each; `fields` stays as it is.

    `allowed(field, value)` returns the value to store, or raises ValueError with a sentence for the
    user; it is also asked before a delete (value None). Sizes are those of the value as JSON.
    """
    checked = check(ops)
    draft: Fields = {name: dict(entry) for name, entry in fields.items()}
    room = MAX_DRAFT - sum(_weight(name, entry) for name, entry in draft.items())
    answers = []
    for op in checked:
        answer, grown = _apply_one(
            draft, op, at=at, by=by, allowed=allowed, max_value=max_value, room=room
        )
        room -= grown
        answers.append({"id": op["id"], "field": op["field"], **answer})
    return _bounded(draft), answers


def set_aside(
    fields: Mapping[str, Mapping[str, Any]], ops: Any, *, at: datetime, allowed: Allowed
) -> Fields:
    """The draft with the ops' values under `kept`, its own values untouched."""
    draft: Fields = {name: dict(entry) for name, entry in fields.items()}
    for op in check(ops):
        try:
            value = allowed(op["field"], op["value"])
        except ValueError:
            continue  # was never a text of this draft
        # Revision 0 is "never saved": whoever may write does so as if this were not there.
        entry = draft.get(op["field"]) or {**_NOTHING, "at": at.isoformat()}
        have = list(entry.get("kept", ()))
        if value in (None, "", entry["v"]) or any(one["v"] == value for one in have):
            continue
        if op["field"] in draft or len(draft) < MAX_FIELDS:
            have.append({"v": value, "rev": op["base_rev"], "at": at.isoformat(), "by": ""})
            draft[op["field"]] = {**entry, "kept": have}
    return _bounded(draft)


def check(ops: Any) -> list[dict[str, Any]]:
    """The ops, complete and of the right types, or MalformedError or TooManyError."""
    if not isinstance(ops, Sequence) or isinstance(ops, str | bytes):
        raise MalformedError("ops is a list")
    if len(ops) > MAX_OPS:
        raise TooManyError(f"at most {MAX_OPS} ops at once")
    return [_checked(op) for op in ops]


def values(fields: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """What the draft says now: field to value, without what was deleted."""
    return {name: entry["v"] for name, entry in fields.items() if entry["v"] is not None}


def revisions(fields: Mapping[str, Mapping[str, Any]]) -> dict[str, int]:
    """Field to revision, for the controls' `data-rev`."""
    return {name: entry["rev"] for name, entry in fields.items()}


def kept(fields: Mapping[str, Mapping[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Field to the values that were overwritten knowingly, oldest first."""
    return {name: entry["kept"] for name, entry in fields.items() if entry.get("kept")}


def _checked(op: Any) -> dict[str, Any]:
    if not isinstance(op, Mapping):
        raise MalformedError("an op is an object")
    field, op_id, base = op.get("field"), op.get("id"), op.get("base_rev", 0)
    if not _is_name(field, 200) or not _is_name(op_id, 64):
        raise MalformedError("an op has a field and an id")
    if not isinstance(base, int) or isinstance(base, bool) or base < 0:
        raise MalformedError("base_rev is a revision")
    if "value" not in op:
        raise MalformedError("an op has a value")
    return {
        "field": field,
        "id": op_id,
        "base_rev": base,
        "value": op["value"],
        "resolve": op.get("resolve") is True,
    }


def _is_name(text: Any, longest: int) -> bool:
    return isinstance(text, str) and 0 < len(text) <= longest and not _unstorable.search(text)


def _apply_one(
    draft: Fields,
    op: dict[str, Any],
    *,
    at: datetime,
    by: str,
    allowed: Allowed,
    max_value: int,
    room: int,
) -> tuple[dict[str, Any], int]:
    """The answer, and by how much the draft grew."""
    entry = draft.get(op["field"])
    if entry is not None and (rev := _rev_of(entry, op["id"])):
        return {"status": "ok", "rev": rev}, 0
    try:
        if _size(op["value"]) > max_value:
            raise ValueError(TOO_LONG)
        value = allowed(op["field"], op["value"])
    except ValueError as error:
        return {"status": "invalid", "message": str(error)}, 0
    if entry is not None and op["base_rev"] != entry["rev"]:
        return _stale(entry, value), 0
    new = _written(entry, op, value=value, at=at, by=by)
    grown = _weight(op["field"], new) - (_weight(op["field"], entry) if entry else 0)
    is_shorter = entry is not None and _size(value) <= _size(entry["v"])
    if (grown > room and not is_shorter) or (entry is None and len(draft) >= MAX_FIELDS):
        return {"status": "invalid", "message": TOO_FULL}, 0
    draft[op["field"]] = new
    return {"status": "ok", "rev": new["rev"]}, grown


def _rev_of(entry: Mapping[str, Any], op_id: str) -> int:
    """The revision the op made, 0 if it made none."""
    if entry["op"] == op_id:
        return int(entry["rev"])
    return next((rev for past, rev in entry.get("past", ()) if past == op_id), 0)


def _stale(entry: Mapping[str, Any], value: Any) -> dict[str, Any]:
    if entry["v"] == value:
        return {"status": "ok", "rev": entry["rev"]}
    return {
        "status": "conflict",
        "theirs": entry["v"],
        "rev": entry["rev"],
        "by": entry["by"],
        "at": entry["at"],
    }


def _written(
    entry: Mapping[str, Any] | None, op: dict[str, Any], *, value: Any, at: datetime, by: str
) -> dict[str, Any]:
    new = {"v": value, "op": op["id"], "at": at.isoformat(), "by": by}
    if entry is None:
        return {**new, "rev": 1}
    new["rev"] = entry["rev"] + 1
    new["past"] = [*entry.get("past", ()), [entry["op"], entry["rev"]]][-PAST:]
    overwritten = list(entry.get("kept", ()))
    if op["resolve"] and entry["v"] != value:
        overwritten.append({key: entry[key] for key in ("v", "rev", "at", "by")})
    if overwritten:
        new["kept"] = overwritten
    return new


def _bounded(draft: Fields) -> Fields:
    """The draft without the oldest kept versions, where there are more than it may have."""
    room = MAX_KEPT
    versions = [(one["at"], name, one) for name, all_ in kept(draft).items() for one in all_]
    left: dict[str, list[dict[str, Any]]] = {name: [] for _at, name, _one in versions}
    versions.sort(key=lambda version: version[0])
    for _at, name, one in reversed(versions):
        room -= _size(one)
        if room >= 0 and len(left[name]) < MAX_VERSIONS:
            left[name].insert(0, one)
    for name, few in left.items():
        draft[name] = {**draft[name], "kept": few}
        if not few:
            del draft[name]["kept"]
    return draft


def _weight(name: str, entry: Mapping[str, Any]) -> int:
    """The bytes of a field and what it says; what is kept of it has a bound of its own."""
    return _size(name) + _size({key: entry[key] for key in entry if key != "kept"})


def _size(value: Any) -> int:
    return len(
        json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")
    )
