"""YAML that knows its line numbers, refuses bombs, and a JSON Schema check that speaks plainly."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

MAX_NODES = 20_000
MAX_DEPTH = 20
MAX_ALIASES = 50
# Longer ones are no numbers that people write, and cost the square of their length.
MAX_NUMBER = 40
SCHEMA = Path(__file__).parent / "schema" / "exercise.json"

Where = tuple[str | int, ...]

# YAML can spell what no database keeps and no page can show: NUL, halves of characters, controls.
_unfit = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a folder: `file:line: what is wrong; what would be right`."""

    file: str
    line: int
    wrong: str
    right: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.wrong}; {self.right}"


_NUMBERS = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")


class _Loader(yaml.SafeLoader):
    aliases = 0
    nodes = 0
    depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        self.nodes += 1
        if self.nodes > 2 * MAX_NODES or self.depth > MAX_DEPTH:
            mark = self.peek_event().start_mark
            raise yaml.MarkedYAMLError(None, None, "too large or too deep", mark)
        if self.check_event(yaml.AliasEvent):
            self.aliases += 1
            if self.aliases > MAX_ALIASES:
                mark = self.peek_event().start_mark
                raise yaml.MarkedYAMLError(None, None, "too many aliases", mark)
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


class Document:
    """Plain data of one YAML file and the line of every path in it."""

    def __init__(self, *, file: str, text: str) -> None:
        self.file = file
        self.data: Any = None
        self.lines: dict[Where, int] = {(): 1}
        self.problems: list[Problem] = []
        self._nodes = 0
        self._read(text)

    def line(self, where: Where) -> int:
        while where not in self.lines:
            where = where[:-1]
        return self.lines[where]

    def refuse(self, where: Where, wrong: str, right: str) -> None:
        self.problems.append(Problem(self.file, self.line(where), wrong, right))

    def _read(self, text: str) -> None:
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
            self.data = None if node is None else self._plain(loader, node, (), 0)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = mark.line + 1 if mark else 1
            wrong = f"not readable as YAML ({error.problem or error.context})"
            self.problems.append(
                Problem(self.file, line, wrong, "correct the YAML here or just above")
            )
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            wrong = f"not readable as YAML ({str(error).splitlines()[0]})"
            self.problems.append(Problem(self.file, 1, wrong, "write plain YAML in UTF-8"))
        finally:
            loader.dispose()

    def _plain(self, loader: _Loader, node: yaml.Node, where: Where, depth: int) -> Any:
        self._nodes += 1
        if self._nodes > MAX_NODES or depth > MAX_DEPTH:
            message = "too large or too deep once aliases are expanded"
            raise yaml.MarkedYAMLError(None, None, message, node.start_mark)
        self.lines.setdefault(where, node.start_mark.line + 1)
        if isinstance(node, yaml.SequenceNode):
            return [
                self._plain(loader, item, (*where, i), depth + 1)
                for i, item in enumerate(node.value)
            ]
        if isinstance(node, yaml.MappingNode):
            return self._mapping(loader, node, where, depth)
        return self._scalar(loader, node, where)

    def _scalar(self, loader: _Loader, node: yaml.Node, where: Where) -> Any:
        if node.tag in _NUMBERS and len(node.value) > MAX_NUMBER:
            raise yaml.MarkedYAMLError(None, None, "a number that is too long", node.start_mark)
        value = loader.construct_object(node)
        return self._fit(value, where) if isinstance(value, str) else value

    def _fit(self, text: str, where: Where) -> str:
        """The text, which is refused if it has a character that cannot be kept."""
        found = _unfit.search(text)
        if found:
            wrong = f"the character U+{ord(found[0]):04X} cannot be kept"
            self.refuse(where, wrong, "leave it out, or write the character itself")
        return _unfit.sub("?", text)

    def _mapping(
        self, loader: _Loader, node: yaml.MappingNode, where: Where, depth: int
    ) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                message = "a key that is no plain word"
                raise yaml.MarkedYAMLError(None, None, message, key_node.start_mark)
            line = key_node.start_mark.line + 1
            key = self._fit(str(key_node.value), where)
            if key in result:
                wrong = f"`{key}` is given twice"
                self.problems.append(Problem(self.file, line, wrong, "keep one of the two"))
                continue
            self.lines[(*where, key)] = line
            result[key] = self._plain(loader, value_node, (*where, key), depth + 1)
        return result


def _unique(_validator: Any, wanted: Any, value: Any, _schema: Any) -> Iterator[ValidationError]:
    """As in the draft, for the lists here; the library compares each entry with each other."""
    if wanted and isinstance(value, list) and len(set(map(repr, value))) < len(value):
        yield ValidationError("an entry twice")


_Validator = extend(Draft202012Validator, {"uniqueItems": _unique})


@cache
def validator() -> Any:
    return _Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def check_schema(document: Document) -> None:
    """Adds a problem for everything the JSON Schema refuses."""
    for error in validator().iter_errors(document.data):
        where, wrong, right = _explain(error, document.data)
        document.refuse(where, wrong, right)


def _explain(error: ValidationError, data: Any) -> tuple[Where, str, str]:
    where: Where = tuple(error.absolute_path)
    name = _name(where)
    limit = error.validator_value
    match error.validator:
        case None:
            # A `false` schema reports no path: find the value it refused.
            key = next(key for key, value in data.items() if value is error.instance)
            wrong = f"`{key}` does not belong to kind {data.get('kind')}"
            return (*where, key), wrong, "remove it or change `kind`"
        case "required":
            missing = sorted(set(limit) - set(error.instance))
            key = next(k for k in missing if f"'{k}'" in error.message)
            return where, f"{name} has no `{key}`", f"add `{key}:`"
        case "additionalProperties":
            allowed = set(error.schema["properties"])
            key = min(set(error.instance) - allowed)
            known = ", ".join(sorted(allowed))
            return (*where, key), f"`{key}` is not known here", f"use one of: {known}"
    return where, *_value(error, name)


def _value(error: ValidationError, name: str) -> tuple[str, str]:
    value, limit = error.instance, error.validator_value
    match error.validator:
        case "type":
            return f"{name} is a {type(value).__name__}", f"write a value of type {limit}"
        case "enum":
            return f"{name} is {_short(value)}", f"write one of: {', '.join(limit)}"
        case "uniqueItems":
            return f"{name} has an entry twice", "name each only once"
        case "minItems" | "maxItems":
            return f"{name} has {len(value)} entries", f"give {_bound(error)} {limit}"
        case "minLength" | "maxLength":
            return f"{name} has {len(value)} characters", f"write {_bound(error)} {limit}"
        case "minimum" | "maximum":
            return f"{name} is {value}", f"write {_bound(error)} {limit}"
    return f"{name} is {_short(value)}", _shape(error)


def _bound(error: ValidationError) -> str:
    return "at least" if error.validator.startswith("min") else "at most"


def _name(where: Where) -> str:
    if not where:
        return "the file"
    keys = [str(part) for part in where if isinstance(part, str)]
    last = where[-1]
    return f"`{keys[-1]}`" + (f" entry {last + 1}" if isinstance(last, int) else "")


def _shape(error: ValidationError) -> str:
    if error.schema.get("$ref") == "#/$defs/lines" or "anyOf" in error.schema:
        return "write lines as 15-18, as 15, or as a list [15-18, 30-30]"
    if error.schema.get("description"):
        return f"expected: {error.schema['description']} ({error.validator_value})"
    return f"match {error.validator_value}"


def _short(value: Any) -> str:
    shown = repr(value)
    return shown if len(shown) <= 80 else shown[:77] + "…"
