"""A schema that a candidate wrote, as pages show it: diagram, words, what could not be read."""

from dataclasses import dataclass, field

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from exercises import ddl
from exercises.models import ExerciseVersion, Kind
from lib.markup import visible_bidi

SQL = frozenset({"", "sql", "postgresql"})
# A wall of errors helps nobody: the first says where to look.
MOST_PROBLEMS = 5


@dataclass(frozen=True)
class Schema:
    """`svg` and `text` are empty where no table was found; facts are the panel's alone."""

    svg: SafeString
    text: str
    tables: int
    relations: int
    problems: list[ddl.Problem]
    not_understood: list[ddl.NotUnderstood]
    facts: list[ddl.Fact] = field(default_factory=list)

    @property
    def words(self) -> str:
        tables = ngettext("%(n)s table", "%(n)s tables", self.tables) % {"n": self.tables}
        relations = ngettext("%(n)s relationship", "%(n)s relationships", self.relations)
        return _("%(tables)s, %(relations)s") % {
            "tables": tables,
            "relations": relations % {"n": self.relations},
        }


def takes_sql(version: ExerciseVersion) -> bool:
    """Whether the design is written as SQL; a document store's is plain text."""
    return bool(version.kind == Kind.DATA_MODEL and version.language.lower() in SQL)


def given_of(version: ExerciseVersion | None) -> str:
    """The SQL that a design begins from: candidates refer to its tables and extend them."""
    files = version.artefacts if version else []
    return ";\n".join(file["text"] for file in files if file["path"].endswith(".sql"))


def schema_of(sql: str, *, given: str, for_panel: bool = False) -> Schema:
    """What is sure of the text; none of it says whether the design is good."""
    found = ddl.analyse(sql, given=given)
    # The engine escapes every word it draws.
    svg = mark_safe(visible_bidi(ddl.erd_svg(found)))  # noqa: S308
    return Schema(
        svg=svg,
        text=visible_bidi(ddl.as_text(found)),
        tables=sum(not table.is_given for table in found.tables),
        relations=len(found.relations),
        problems=list(found.problems[:MOST_PROBLEMS]),
        not_understood=list(found.not_understood),
        facts=list(found.facts) if for_panel else [],
    )
