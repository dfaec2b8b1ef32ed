"""A schema a candidate handed in, read for the panel: a diagram, hints, and what was not read."""

from dataclasses import dataclass

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from exercises import ddl


@dataclass(frozen=True)
class Hint:
    """One sentence about one line."""

    line: int
    words: str

    @property
    def href(self) -> str:
        return f"#ddl-L{self.line}"


@dataclass(frozen=True)
class Schema:
    svg: SafeString
    text: str
    facts: list[Hint]
    problems: list[Hint]
    passed_over: list[Hint]


def schema_of(sql: str) -> Schema:
    """What is sure of the text; none of it says whether the design is good."""
    read = ddl.analyse(sql)
    # Drawn by `exercises.ddl.erd`, which escapes every name it writes.
    drawn = ddl.erd_svg(read, title=_("Diagram of the schema")) if read.tables else ""
    return Schema(
        svg=mark_safe(drawn),  # noqa: S308
        text=ddl.as_text(read) if read.tables else "",
        facts=[Hint(fact.line, fact.words) for fact in read.facts],
        problems=[Hint(one.line, one.message) for one in read.problems],
        passed_over=[Hint(one.line, one.words) for one in read.not_understood],
    )
