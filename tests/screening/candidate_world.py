"""A candidate with a live link, and the ops a browser would send."""

import uuid
from types import SimpleNamespace
from typing import Any

from candidates.models import Application
from screening.actions import submissions as actions
from screening.actions.assignments import assign_loop
from screening.actions.invitations import make_link
from screening.models import Assignment, Invitation, Submission
from tests import factories

DEVICE = "device-one"


def world(*, stages: int = 2, version: Any = None, **fields: Any) -> SimpleNamespace:
    """Alice recruits, Chi judges; the candidate's link is made but not opened."""
    alice, chi = factories.recruiter(), factories.interviewer("Chi CANARY-INTERVIEWER")
    job = factories.job(team={alice: "recruiter", chi: "interviewer"}, **fields)
    loop = factories.loop(job, stages=stages)
    if version is not None:
        loop.stages.filter(position=1).update(exercise_version=version)
    application = factories.application(job)
    assignments = assign_loop(by=alice, application=application)
    secret = make_link(by=alice, application=application)
    return SimpleNamespace(
        alice=alice,
        chi=chi,
        job=job,
        loop=loop,
        application=application,
        secret=secret,
        first=assignments[0].pk,
        second=assignments[-1].pk,
    )


def invitation(application: Application) -> Invitation:
    return Invitation.objects.select_related("application__job").get(application=application)


def working(**fields: Any) -> tuple[SimpleNamespace, Invitation, Assignment]:
    """The same, opened, agreed to, and with the first exercise begun."""
    here = world(**fields)
    opened = actions.open_link(secret=here.secret, device=DEVICE)
    actions.consent(invitation=opened)
    assignment = Assignment.objects.get(pk=here.first)
    actions.start(invitation=opened, assignment=assignment)
    return here, opened, assignment


def op(field: str, value: Any, base_rev: int = 0, **more: Any) -> dict[str, Any]:
    made = {"field": field, "value": value, "base_rev": base_rev, "id": str(uuid.uuid4())}
    return {**made, **more}


def comment(text: str = "Nobody is signed in.", **fields: Any) -> dict[str, Any]:
    made = {"file": "view.py", "start": 3, "end": 4, "severity": "critical"}
    return {**made, "category": "security", "text": text, **fields}


def work(assignment: Assignment) -> Submission:
    return Submission.objects.get(assignment=assignment)
