"""A schema as SQL text: its tables, what is wrong or not understood, facts, and a diagram.

Pure of Django's settings and of any database: nothing that is read here is ever executed.
"""

from exercises.ddl.erd import as_text, erd_svg
from exercises.ddl.parse import MAX_LENGTH, analyse
from exercises.ddl.schema import Analysis, Column, Fact, NotUnderstood, Problem, Relation, Table

__all__ = [
    "MAX_LENGTH",
    "Analysis",
    "Column",
    "Fact",
    "NotUnderstood",
    "Problem",
    "Relation",
    "Table",
    "analyse",
    "as_text",
    "erd_svg",
]
