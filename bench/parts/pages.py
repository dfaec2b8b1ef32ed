"""Pages: SQL queries and CPU, the latter beside a view that does nothing."""

import io
import itertools
import json
from collections.abc import Callable

from bench.parts.measure import milliseconds, paired, tell
from bench.parts.world import Visitor, set_up

SIZES = (1, 50, 250)


def scorecard() -> None:
    """The demo's: a critique of three files, five criteria, an answer key."""
    from config.demo.build import build
    from screening.models import AssignmentStatus, Scorecard, ScorecardStatus

    build()
    card = (
        Scorecard.objects.filter(
            status=ScorecardStatus.DRAFT,
            assignment__status=AssignmentStatus.HANDED_IN,
            assignment__exercise_version__kind="endpoint_critique",
        )
        .order_by("pk")
        .first()
    )
    assert card is not None
    visitor = Visitor(user=card.interviewer)
    page = f"/scorecards/{card.pk}/"
    tell_page("scorecard page", visitor, lambda: page, most=15, times=25)
    revisions = itertools.count()
    field = f"evidence:{card.assignment.criteria[0]}"

    def body() -> bytes:
        rev = next(revisions)
        op = {"field": field, "value": f"Words {rev}", "base_rev": rev, "id": f"op-{rev}"}
        return json.dumps({"ops": [{**op, "at": "2026-11-20T10:00:00Z"}]}).encode()

    tell_page("autosave", visitor, lambda: f"{page}save/", most=8, times=6, body=body)


def tell_page(
    what: str,
    visitor: Visitor,
    path: Callable[[], str],
    *,
    most: int,
    times: float,
    body: Callable[[], bytes | None] = lambda: None,
) -> None:
    visitor.call(path(), body())
    count = len(visitor.queries(path(), body()))
    tell(f"{what}: SQL queries", f"<= {most}", str(count), count <= most)
    ratio, own, trivial = paired(
        lambda: visitor.call(path(), body()),
        lambda: visitor.call("/bench/trivial"),
        times=10,
        base_times=50,
    )
    measured = f"{ratio:.1f} ({milliseconds(own, trivial)})"
    tell(f"{what} / trivial view, CPU", f"<= {times:g}", measured, ratio <= times)


def lists() -> None:
    from tests.screening.panels import World

    worlds = [World(candidates=size, letter=f"B{size}") for size in SIZES]
    for name, who, address in (
        ("board", "alice", lambda world: f"/loops/{world.job.loop.pk}/board"),
        ("debrief", "bob", lambda world: f"/debriefs/{world.applications[0].pk}/"),
        ("debriefs", "bob", lambda _world: "/debriefs/"),
    ):
        counts = []
        for world in worlds:
            visitor = Visitor(user=getattr(world, who))
            visitor.call(address(world))
            counts.append(len(visitor.queries(address(world))))
        measured = " / ".join(map(str, counts))
        what = f"{name}, {' / '.join(map(str, SIZES))} applications: SQL queries"
        tell(what, "equal", measured, len(set(counts)) == 1)
    fifty, many = (
        (Visitor(user=world.alice), f"/loops/{world.job.loop.pk}/board") for world in worlds[1:]
    )
    ratio, own, base = paired(
        lambda: many[0].call(many[1]), lambda: fifty[0].call(fifty[1]), times=2, base_times=5
    )
    measured = f"{ratio:.1f} ({milliseconds(own, base)})"
    tell("board of 250 / of 50 applications, CPU", "<= 5", measured, ratio <= 5)


def main() -> None:
    set_up()
    from django.core.management import call_command

    call_command("load_library", stdout=io.StringIO())
    scorecard()
    lists()


if __name__ == "__main__":
    main()
