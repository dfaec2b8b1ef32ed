"""What may stand in which field of a candidate's work."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeGuard
from uuid import UUID

from django.utils.translation import gettext as _

from exercises.models import Category, ExerciseVersion
from lib.code import code_lines
from lib.markup import clean_text
from screening.actions import transcript_fields
from screening.queries.candidate import plain_fields
from screening.queries.portfolio import link_of

SEVERITIES = frozenset({"critical", "major", "minor", "question"})
MAX_COMMENT = 4_000
MAX_NOTE = 20_000
MAX_DDL = 60_000
MAX_TRANSCRIPT = 400_000
# As JSON; a transcript is the longest there is.
MAX_VALUE = 1_000_000


class Allowed:
    """Asked by `lib.autosave` for every op: the value to store, or ValueError with a sentence."""

    LONGEST: Mapping[str, int] = {"ddl": MAX_DDL, "document": MAX_DDL, "transcript": MAX_TRANSCRIPT}

    def __init__(
        self, version: ExerciseVersion, fields: Mapping[str, Mapping[str, Any]] | None = None
    ) -> None:
        self.version = version
        self.fields = fields or {}
        self.plain = frozenset(plain_fields(version))
        self._lengths: dict[str, int] | None = None

    def __call__(self, name: str, value: Any) -> Any:
        if name.startswith("comment:") and self.version.is_critique:
            _refuse_unless_uuid(name.removeprefix("comment:"))
            return None if value is None else self._comment(value)
        if transcript_fields.is_turn_field(name) and "transcript" in self.plain:
            return transcript_fields.allowed(name, value, self.fields)
        if name not in self.plain:
            raise ValueError(_("This exercise has no such field."))
        if value is None:
            return None
        if name.startswith("link"):
            return _links(value)
        if name == "ai_used":
            return one_of(value, ("", "none", "used"))
        return text(value, self.LONGEST.get(name, MAX_NOTE))

    def _comment(self, value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise ValueError(_("A comment has a file, lines and a text."))
        file, start, end = value.get("file"), value.get("start"), value.get("end")
        last = self._line_counts().get(file, 0) if isinstance(file, str) else 0
        if not (_is_line(start) and _is_line(end) and 1 <= start <= end <= last):
            raise ValueError(_("These lines are not in the file. Choose lines that it has."))
        words = text(value.get("text"), MAX_COMMENT)
        if not words.strip():
            raise ValueError(_("Write what you would tell the author."))
        return {
            "file": file,
            "start": start,
            "end": end,
            "severity": one_of(value.get("severity"), SEVERITIES),
            "category": one_of(value.get("category"), Category.values),
            "text": words,
            # Half typed: a form again when the page comes back. It counts all the same.
            **({"draft": True} if value.get("draft") is True else {}),
        }

    def _line_counts(self) -> dict[str, int]:
        if self._lengths is None:
            self._lengths = {
                file["path"]: len(code_lines(file["text"])) for file in self.version.artefacts
            }
        return self._lengths


def _is_line(number: Any) -> TypeGuard[int]:
    return type(number) is int


def _refuse_unless_uuid(name: str) -> None:
    try:
        is_right = str(UUID(name)) == name.lower()
    except ValueError:
        is_right = False
    if not is_right:
        raise ValueError(_("This exercise has no such field."))


def _links(value: Any) -> str:
    """Addresses, one a line, of kinds that a browser opens without running anything."""
    words = text(value, MAX_NOTE)
    for line in words.split():
        if link_of(line) is None:
            raise ValueError(
                _("“%(line)s” is no link: it begins with https:// or http://, without spaces.")
                % {"line": line[:60]}
            )
    return words.strip()


def one_of(value: Any, known: Iterable[str]) -> str:
    if not isinstance(value, str) or value not in known:
        raise ValueError(_("Choose one of the given values."))
    return value


def text(value: Any, longest: int) -> str:
    if not isinstance(value, str):
        raise ValueError(_("This has to be text."))
    # A form sends its line ends as CRLF, a script as LF: the same words must compare equal.
    words = clean_text(value.replace("\r\n", "\n").replace("\r", "\n"))
    if len(words) > longest:
        raise ValueError(_("Keep it below %(n)s characters.") % {"n": longest})
    return words
