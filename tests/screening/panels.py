"""Panels with numbers, for the tests of results and debriefs."""

import random
import re

from rubrics.models import RubricVersion
from tests import factories

PEOPLE = ("Ben Okafor", "Chi Nguyen", "Dev Raman", "Elif Kaya")
# How much each gives beside the others; Chi is the strict one.
LEANS = {"Ben": 0.0, "Chi": -0.9, "Dev": 0.1, "Elif": 0.2}


class World:
    """One job with a loop, four interviewers, and as many scored candidates as asked for."""

    def __init__(
        self,
        *,
        candidates: int = 11,
        people: int = 4,
        criteria: int = 3,
        version: RubricVersion | None = None,
        seed: int = 5,
        letter: str = "K",
    ) -> None:
        self.alice = factories.recruiter()
        self.bob = factories.manager()
        self.panel = [factories.interviewer(name) for name in PEOPLE[:people]]
        self.version = version or factories.rubric_version(criteria)
        self.job = factories.job(
            team={
                self.alice: "recruiter",
                self.bob: "hiring_manager",
                **dict.fromkeys(self.panel, "interviewer"),
            }
        )
        self.stage = factories.loop(self.job, version=self.version).stages.get()
        self.random = random.Random(seed)  # noqa: S311 (points for a test)
        self.applications = [self.candidate(f"{letter}-{n:02}") for n in range(1, candidates + 1)]

    def candidate(self, code: str, *, strength: float | None = None):
        """Another application, scored by all of the panel."""
        made = factories.application(self.job, code=code)
        assignment = factories.assignment(made, self.stage, status="scored")
        strength = self.random.gauss(2.6, 0.5) if strength is None else strength
        for user in self.panel:
            lean = LEANS[user.get_short_name()]
            factories.submitted_scorecard(
                assignment,
                user,
                {key: self._point(strength + lean) for key in self.stage.criteria},
            )
        return made

    def _point(self, mean: float) -> int:
        return min(4, max(1, round(self.random.gauss(mean, 0.5))))


def single(points: list[dict[str, int | None]], **fields):
    """One application with one scorecard per dict of points; its job has Bob as manager."""
    bob = factories.manager()
    panel = [factories.interviewer(PEOPLE[n]) for n in range(len(points))]
    team = {bob: "hiring_manager", **dict.fromkeys(panel, "interviewer")}
    job = factories.job(team=team, **fields)
    stage = factories.loop(job).stages.get()
    application = factories.application(job, code=f"S-{len(points)}{bob.pk.hex[:4]}")
    assignment = factories.assignment(application, stage, status="scored")
    for user, given in zip(panel, points, strict=True):
        factories.submitted_scorecard(assignment, user, given)
    return application


def get(client, user, address, **more):
    client.force_login(user)
    return client.get(address, **more)


def html(response):
    return response.content.decode()


def text(response):
    words = re.sub(r"<svg.*?</svg>|<[^>]+>", " ", html(response), flags=re.DOTALL)
    return re.sub(r"\s+", " ", words).replace(" ,", ",").replace(" .", ".")


def row_of(response, application):
    content = html(response)
    rows = re.findall(r"<tr data-testid=\"debrief-row\".*?</tr>", content, re.DOTALL)
    return next(row for row in rows if application.code in row)
