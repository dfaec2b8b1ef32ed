"""The longest work there is, beside the same pages with nothing in them."""

import gzip
import io
import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bench.parts.measure import milliseconds, paired, tell
from bench.parts.world import Visitor, set_up

TIMES = 6
HTML, NODES = 60 * 1024, 3_000


@dataclass
class Ask:
    """One request; the body may change from one to the next."""

    visitor: Visitor
    path: str
    body: Callable[[], Any] = lambda: None

    def __call__(self) -> bytes:
        return self.visitor.call(self.path, self.body())


def compare(what: str, full: Ask, empty: Ask) -> None:
    from tests.screening.long_work import nodes

    ratio, own, base = paired(full, empty, times=5, base_times=10)
    page = full()
    size = len(gzip.compress(page, 6))
    elements = nodes(page.decode())
    queries = [len(ask.visitor.queries(ask.path, ask.body())) for ask in (full, empty)]
    counts = " / ".join(map(str, queries))
    measured = f"{ratio:.1f} ({milliseconds(own, base)}); {size / 1024:.1f} KB gz, "
    measured += f"{elements:,} nodes, {counts} SQL"
    is_light = size <= HTML and elements <= NODES and len(set(queries)) == 1
    tell(what, f"<= {TIMES}", measured, ratio <= TIMES and is_light)


def work() -> None:
    from tests.screening import long_work

    for kind, words in (
        ("code", "1,500 lines, 120 comments"),
        ("schema", "60 tables"),
        ("talk", "80 turns"),
    ):
        both = [long_work.begun(kind, is_empty=is_empty) for is_empty in (False, True)]
        seen = [Visitor(link=here.secret) for here in both]

        def asks(
            path: str,
            body: Callable[[Any], Callable[[], Any]] = lambda _here: lambda: None,
            both: list[Any] = both,
            seen: list[Visitor] = seen,
        ) -> list[Ask]:
            return [
                Ask(who, f"{here.url}{path}", body(here))
                for here, who in zip(both, seen, strict=True)
            ]

        compare(f"candidate's page, {words}", *asks("workspace/"))
        if kind == "code":
            compare("autosave of one comment, 120 there", *asks("save/", saving))
        if kind == "schema":
            compare(
                "diagram, 60 tables",
                *asks("erd/", lambda here: lambda: {"ddl": text_of(here, "ddl")}),
            )
        if kind == "talk":
            compare(
                "turns being pasted, 80",
                *asks(
                    "transcript/turns/",
                    lambda here: lambda: {"transcript": text_of(here, "transcript")},
                ),
            )
        cards = [Ask(Visitor(user=here.chi), long_work.judged(here)) for here in both]
        compare(f"scorecard, {words}", *cards)


def text_of(here: Any, field: str) -> str:
    return here.fields[field]["v"] if here.fields else ""


def saving(here: Any) -> Callable[[], bytes]:
    """One comment, typed on and on."""
    from tests.screening.long_work import prose

    revisions = itertools.count()
    value = {"file": "parser.py", "start": 1, "end": 1, "severity": "major", "category": "security"}

    def body() -> bytes:
        rev = next(revisions)
        op = {"field": "comment:6b0f3c52-3b3e-4a63-9d3b-0d2f6a1c9b11", "base_rev": rev}
        op |= {"id": f"{here.assignment.pk}-{rev}", "value": value | {"text": prose(rev)}}
        return json.dumps({"ops": [op]}).encode()

    return body


def library() -> None:
    from django.core.management import call_command

    from exercises.actions.drafts import start_draft
    from exercises.models import ExerciseVersion
    from tests import factories
    from tests.screening import long_work

    alice = factories.recruiter("Alice Library")
    visitor = Visitor(user=alice)
    page = Ask(visitor, "/exercises/")
    call_command("load_library", stdout=io.StringIO())
    count = ExerciseVersion.objects.count()
    compare(f"library, {count} exercises", page, Ask(visitor, "/exercises/?q=nothing-is-like-this"))
    both = [long_work.critique(is_empty=is_empty) for is_empty in (False, True)]
    compare(
        "answer key, 1,500 lines, 10 flaws",
        *(Ask(visitor, f"/exercises/{version.pk}/key/") for version in both),
    )
    critiques = ExerciseVersion.objects.filter(exercise__slug="order-list")
    drafts = [
        start_draft(by=alice, version=critiques[0]),
        start_draft(by=alice, kind="endpoint_critique"),
    ]
    for part in ("facts", "files", "key"):
        compare(
            f"editor of a draft, {part}",
            *(Ask(visitor, f"/exercises/drafts/{draft.pk}/?part={part}") for draft in drafts),
        )


def main() -> None:
    set_up()
    library()  # first, so that the library has nothing else in it
    work()


if __name__ == "__main__":
    main()
