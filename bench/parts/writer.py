"""One of the writers of `bench.parts.queue`: saves as somebody typing does; prints how it went."""

import itertools
import sys

from bench.parts.world import set_up

TIMES = 200


def main() -> None:
    set_up()
    from django.db import OperationalError

    from screening.actions.scorecards import save_scorecard
    from screening.models import AssignmentStatus
    from tests import factories
    from tests.screening.panels import World

    factories._serial = itertools.count(10_000 * (1 + int(sys.argv[1])))  # no two the same
    world = World(candidates=1, people=1, letter=f"W{sys.argv[1]}")
    card = world.applications[0].assignments.get().scorecards.get()
    card.assignment.status = AssignmentStatus.HANDED_IN
    card.assignment.save()
    type(card).objects.filter(pk=card.pk).update(status="draft", submitted_at=None)
    card.refresh_from_db()
    locked = 0
    for number in range(TIMES):
        op = {"field": "summary", "value": f"Words {number}", "base_rev": number - locked}
        op |= {"id": f"op-{number}", "at": "2026-11-20T10:00:00Z"}
        try:
            save_scorecard(by=card.interviewer, scorecard=card, ops=[op])
        except OperationalError:
            locked += 1
    print(TIMES, locked)


if __name__ == "__main__":
    main()
