"""Building the demo: through the actions, then dated back so that it has a past."""

import uuid
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from candidates.actions.jobs import create_job
from candidates.actions.people import apply, create_candidate, set_application_status
from candidates.models import Application, Job
from config.demo import words
from config.demo.dates import date_back
from config.demo.words import Person
from reports.actions import request_export
from reports.models import Preset
from rubrics.models import Level
from screening.actions.assignments import assign_interviewer, assign_loop
from screening.actions.decisions import record_decision
from screening.actions.invitations import make_link
from screening.actions.loops import create_loop, publish_loop
from screening.actions.scorecards import (
    amend_rating,
    save_scorecard,
    start_scorecard,
    submit_scorecard,
)
from screening.actions.submissions import consent, hand_in, open_link, save_work, start
from screening.models import Assignment, Mode, Rating

PASSWORD = "plumbline-demo"  # noqa: S105  (printed by the command, for the demo's own people)
SCORED = ("ready", "hire", "no_hire", "another_round")
DECISIONS = {
    "hire": "Strong on data and security, and owned every answer. The panel agrees.",
    "no_hire": "Misses what does harm at this level; kind feedback with the three examples.",
    "another_round": "Judges AI output very well; system design was not seen clearly enough.",
}


@dataclass
class Demo:
    """What was made, for the command to print."""

    job: Job
    users: dict[str, User]
    links: dict[str, str] = field(default_factory=dict)
    applications: dict[str, Application] = field(default_factory=dict)


@transaction.atomic
def build() -> Demo:
    """Make the demo's world. Refused by the command when it is there already."""
    users = _users()
    facts = dict(words.read("people")["job"])
    job = create_job(
        by=users["ana"],
        level=Level.objects.get(key=facts.pop("level")),
        team=[
            (users["ana"], "recruiter"),
            (users["marta"], "hiring_manager"),
            *((users[row["key"]], "interviewer") for row in words.read("people")["interviewers"]),
        ],
        is_demo=True,
        **facts,
    )
    loop = create_loop(by=users["ana"], job=job, template=job.level.key)
    publish_loop(by=users["ana"], loop=loop)
    demo = Demo(job=job, users=users)
    for place, person in enumerate(words.candidates()):
        _candidate(demo, person, place)
    _settle_a_difference(demo)
    done = [demo.applications[one.code] for one in words.candidates() if one.state in SCORED]
    request_export(
        by=users["marta"],
        applications=done[:4],
        preset=Preset.HIRING_MANAGER,
        codes_instead_of_names=True,
        paper="A4",
    )
    date_back(demo.job, {one.code: one.days for one in words.candidates()})
    return demo


def _users() -> dict[str, User]:
    people = words.read("people")
    rows = [*people["staff"], *people["interviewers"]]
    # One of them is an admin: a password that everybody knows opens no house with real people.
    password = None if settings.PRODUCTION else PASSWORD
    found = {}
    for row in rows:
        roles = dict.fromkeys(row.get("roles", ["is_interviewer"]), True)
        found[row["key"]] = _back(row["email"], password, roles) or User.objects.create_user(
            email=row["email"], password=password, name=row["name"], is_demo=True, **roles
        )
    return found


def _back(email: str, password: str | None, roles: dict[str, bool]) -> User | None:
    """Who stayed when an earlier demo went: whoever took it away, and whom the ledger names."""
    user = User.objects.filter(email=email, is_demo=True).first()
    if user is None:
        return None
    if not user.is_active:  # the one who is signed in stays so
        user.is_active = True
        user.set_password(password)
    for role in roles:
        setattr(user, role, True)
    user.save()
    return user


def _candidate(demo: Demo, person: Person, place: int) -> None:
    first, _, last = person.name.partition(" ")
    mailbox = first.lower().encode("ascii", "ignore").decode() or "person"
    candidate = create_candidate(
        by=demo.users["ana"],
        first_name=first,
        last_name=last,
        email=f"{mailbox}.{person.code.lower()}@candidates.example",
    )
    application = apply(
        by=demo.users["ana"],
        job=demo.job,
        candidate=candidate,
        source="Referral" if place % 3 == 0 else "Careers page",
        code=person.code,
    )
    demo.applications[person.code] = application
    if person.state == "planned":
        return
    assignments = assign_loop(by=demo.users["ana"], application=application)
    secret = make_link(by=demo.users["ana"], application=application)
    demo.links[person.code] = secret
    if person.state == "withdrawn":
        set_application_status(
            by=demo.users["ana"],
            application=application,
            status="withdrawn",
            reason="Took an offer.",
        )
    if person.state in ("invited", "withdrawn"):
        return
    panel = _panel(demo, assignments, place)
    _do_the_work(person, assignments, secret)
    if person.state in (*SCORED, "partly"):
        _score(demo, person, panel)
    if person.state in DECISIONS:
        record_decision(
            by=demo.users["marta"],
            application=application,
            outcome=person.state,
            reason=DECISIONS[person.state],
        )


def _panel(demo: Demo, assignments: list[Assignment], place: int) -> list[tuple[Assignment, str]]:
    """A panel of four, another one for each candidate; each sees two or three stages."""
    keys = [row["key"] for row in words.read("people")["interviewers"]]
    four = [keys[(place * 3 + seat) % len(keys)] for seat in range(4)]
    panel, turn = [], 0
    for assignment in assignments:
        for _seat in range(assignment.interviewers_needed):
            key = four[turn % len(four)]
            assign_interviewer(
                by=demo.users["ana"], assignment=assignment, interviewer=demo.users[key]
            )
            panel.append((assignment, key))
            turn += 1
    return panel


def _do_the_work(person: Person, assignments: list[Assignment], secret: str) -> None:
    invitation = open_link(secret=secret, device=f"demo-{person.code}")
    consent(invitation=invitation)
    for assignment in assignments:
        if assignment.mode != Mode.TAKE_HOME:
            continue
        start(invitation=invitation, assignment=assignment)
        fields = words.work(person, assignment.exercise_version)
        if person.state == "working":
            begun = dict([*fields.items()][:2])
            save_work(invitation=invitation, assignment=assignment, ops=_ops(begun))
            return
        save_work(invitation=invitation, assignment=assignment, ops=_ops(fields))
        hand_in(invitation=invitation, assignment=assignment)


def _score(demo: Demo, person: Person, panel: list[tuple[Assignment, str]]) -> None:
    severity = {row["key"]: row["severity"] for row in words.read("people")["interviewers"]}
    seats = panel if person.state in SCORED else panel[:3]
    for assignment, key in seats:
        by = demo.users[key]
        card = assignment.scorecards.get(interviewer=by)
        start_scorecard(by=by, scorecard=card)
        said = words.judge(person, assignment, interviewer=key, severity=severity[key])
        save_scorecard(by=by, scorecard=card, ops=_ops(said.fields))
        submit_scorecard(by=by, scorecard=card)


def _settle_a_difference(demo: Demo) -> None:
    """In one debrief a point was changed, with its reason; the first judgement stays on record."""
    for person in words.candidates():
        if person.state not in DECISIONS:
            continue
        ratings = Rating.objects.filter(
            scorecard__assignment__application=demo.applications[person.code], point=1
        )
        rating = ratings.select_related("scorecard__interviewer").first()
        if rating:
            amend_rating(
                by=rating.scorecard.interviewer,
                rating=rating,
                point=2,
                evidence=rating.evidence,
                reason="Read the comment again with the panel: it was a question, not a finding.",
            )
            return


def _ops(fields: dict[str, Any]) -> list[dict[str, Any]]:
    now = timezone.now().isoformat()
    return [
        {"field": name, "value": value, "base_rev": 0, "id": str(uuid.uuid4()), "at": now}
        for name, value in fields.items()
    ]
