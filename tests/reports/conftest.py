"""One job with a panel of two, scored; Alice recruits, Bob manages, Chi and Dev interview."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from candidates.models import Application, Job
from screening.actions.scorecards import save_scorecard, submit_scorecard
from screening.models import Loop, Scorecard
from tests import factories


def op(field: str, value: Any) -> dict[str, Any]:
    return {"field": field, "value": value, "base_rev": 0, "id": f"op-{field}", "at": "now"}


def hand_in(card: Scorecard, *points: str, quote: str = "Names the race.") -> Scorecard:
    """Draft and submit; a quote and a sentence on every criterion that got a point."""
    ops = [op("recommendation", "yes"), op("flaw:no-auth", "found")]
    for n, point in enumerate(points, 1):
        ops.append(op(f"point:c{n}", point))
        if point != "0":
            ops.append(op(f"quotes:c{n}", [{"anchor": f"L{n}", "text": quote}]))
            ops.append(op(f"evidence:c{n}", f"Seen in line {n}."))
    save_scorecard(by=card.interviewer, scorecard=card, ops=ops)
    card.refresh_from_db()
    submit_scorecard(by=card.interviewer, scorecard=card)
    card.refresh_from_db()
    return card


@dataclass
class House:
    alice: User
    bob: User
    chi: User
    dev: User
    job: Job
    loop: Loop

    def candidate(self, *, scored: bool = True, name: str = "Kim Larsen") -> Application:
        application = factories.application(self.job, name=name)
        assignment = factories.assignment(application, self.loop.stages.get())
        if scored:
            hand_in(factories.scorecard(assignment, self.chi), "3", "2", "4")
            hand_in(factories.scorecard(assignment, self.dev), "0", "1", "3")
        return application

    def owed(self, application: Application, by: User) -> Scorecard:
        """One more scorecard that is not written yet."""
        return factories.scorecard(application.assignments.get(), by)


@pytest.fixture
def house() -> House:
    people = [factories.recruiter(), factories.manager(), factories.interviewer()]
    dev = factories.interviewer("Dev Patel")
    alice, bob, chi = people
    job = factories.job(
        team={alice: "recruiter", bob: "hiring_manager", chi: "interviewer", dev: "interviewer"}
    )
    return House(alice, bob, chi, dev, job, factories.loop(job))


@pytest.fixture
def media(settings: Any, tmp_path: Any) -> Any:
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT / "reports"


@pytest.fixture
def ask(house: House, media: Any) -> Callable[..., Any]:
    """Ask as Alice, with the usual options; nothing is made before `made` is called."""
    from reports.actions import request_export

    def asked(*applications: Application, **how: Any) -> Any:
        options = {
            "by": house.alice,
            "preset": "hiring_manager",
            "codes_instead_of_names": True,
            "paper": "A4",
        }
        return request_export(applications=applications, **{**options, **how})

    return asked


@pytest.fixture
def now() -> Any:
    return timezone.now()
