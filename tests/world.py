"""One world for the tests that walk every URL: two jobs, one person in each place, and a token in
every field that somebody must not read.

Own job: Alice recruits, Bob manages, Chi still owes a scorecard, Dev and Gus have submitted theirs,
Eve is on the team without an assignment. Other job: Mallory recruits, Zed has judged. Ada
administers. The person behind the link has handed in one exercise and works on the next.
"""

import uuid
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.actions import create_token
from accounts.models import User
from accounts.models.tokens import Scope
from candidates.models import ExternalId, TeamMember
from exercises.actions.packs import upload_pack
from exercises.models import ExerciseVersion, Flaw
from integrations.actions import upload_csv
from reports.models import Export, Report
from rubrics.models import Anchor
from screening.actions.invitations import make_link
from screening.models import Assignment, Attachment, Decision, Rating, Scorecard
from tests import factories
from tests.exercises.packs import pack

CSV = "First name,E-mail\n{name},{name}@example.com\n,wrong@example.com\n"
KINDS = ("job", "candidate", "application")


class Missing:
    """Whatever is asked of it, it is an id of nothing."""

    number = 99
    source = "ats"

    def __getattr__(self, name: str) -> Any:
        return "nothing" if name.startswith("external_") else uuid.uuid4()


class World:
    """`own` and `other` have the ids of everything of their job; `users` and `clients` by actor."""

    def __init__(self) -> None:
        self.users: dict[str, User] = {
            "before": factories.interviewer("Chi TOKENINTERVIEWER"),
            "after": factories.interviewer("Dev TOKENINTERVIEWER"),
            "off_panel": factories.interviewer("Eve TOKENINTERVIEWER"),
            "manager": factories.manager("Bob Manager"),
            "recruiter": factories.recruiter("Alice Recruiter"),
            "other_recruiter": factories.recruiter("Mallory Recruiter"),
            "admin": factories.admin("Ada Admin"),
        }
        self.gus = factories.interviewer("Gus TOKENINTERVIEWER")
        self.zed = factories.interviewer("Zed TOKENINTERVIEWER")
        people = self.users
        self.own = self._job(
            "OWN",
            people["recruiter"],
            {
                people["recruiter"]: "recruiter",
                people["manager"]: "hiring_manager",
                **dict.fromkeys(
                    [people["before"], people["after"], people["off_panel"], self.gus],
                    "interviewer",
                ),
            },
            judged=[people["after"], self.gus],
            owing=people["before"],
        )
        self.other = self._job(
            "OTHER",
            people["other_recruiter"],
            {people["other_recruiter"]: "recruiter", self.zed: "interviewer"},
            judged=[self.zed],
            owing=self.zed,
        )
        self.missing = Missing()
        self.clients = {actor: self._signed_in(user) for actor, user in people.items()}
        self.clients["anonymous"] = Client()
        self.clients["candidate"] = self._through_the_link()
        self.keys = {
            actor: create_token(by=user, name=f"Token {actor}", scopes=Scope.values)[1]
            for actor, user in people.items()
        }

    # --- a job with everything

    def _job(
        self, mark: str, by: User, team: dict[User, str], *, judged: list[User], owing: User
    ) -> SimpleNamespace:
        job = factories.job(team=team, title=f"Job {mark.lower()}", recruiter_decides=True)
        version = factories.rubric_version(2)
        Anchor.objects.update(text="TOKENANCHOR what it looks like", title="TOKENANCHOR")
        loop = factories.loop(job, version=version, stages=5)
        stages = list(loop.stages.all())
        Flaw.objects.update(title="TOKENKEY nobody is signed in", harm="TOKENKEY it costs")
        application = factories.application(job, name=f"TOKENPERSON{mark} TOKENLAST{mark}")
        candidate = application.candidate
        candidate.email = f"tokenperson{mark.lower()}@example.com"
        candidate.emails = [{"value": candidate.email, "type": "personal"}]
        candidate.save()
        work = {"v": f"TOKENWORK{mark} what they wrote", "rev": 1}
        done = factories.assignment(application, stages[0], status="handed_in")
        begun = factories.assignment(application, stages[1], status="working", handed_in_at=None)
        ready = factories.assignment(
            application, stages[2], status="invited", started_at=None, handed_in_at=None
        )
        design = factories.assignment(application, stages[4], status="working", handed_in_at=None)
        ExerciseVersion.objects.filter(pk=design.exercise_version_id).update(
            kind="data_model", language="sql"
        )
        for assignment in (done, begun):
            assignment.submission.fields = {"overall": work}
            assignment.submission.save()
        cards = [self._judged(done, user, mark) for user in judged]
        draft = factories.scorecard(done if owing not in judged else begun, owing)
        draft.fields = {
            name: {"v": f"TOKENDRAFT{mark} not yet", "rev": 1}
            for name in ("summary", "evidence:c1")
        }
        draft.due_at = timezone.now() + timedelta(days=30)
        draft.save()
        Decision.objects.create(
            application=application, outcome="hire", reason=f"TOKENDECISION{mark}", by=by
        )
        secret = make_link(by=by, application=application)
        rows = {
            "job": job,
            "candidate": candidate,
            "application": application,
            "member": TeamMember.objects.filter(job=job, role="interviewer").first(),
            "loop": loop,
            "stage": stages[3],
            "assignment": begun,
            "work_done": done,
            "work_begun": begun,
            "work_ready": ready,
            "work_design": design,
            "draft": draft,
            "card": cards[0],
            "rating": Rating.objects.filter(scorecard=cards[0]).first(),
            "attachment": self._file(done),
            "own_file": self._file(begun),
            "rubric_version": version,
            "rubric": version.rubric,
            "exercise": done.exercise_version,
            "user": owing,
            "csv": self._import(by, job),
            "pack": upload_pack(by=by, name="pack.zip", data=pack(f"world-{mark.lower()}")),
            # Of a kind that has every page of a draft.
            "writing": factories.exercise_draft(
                by, kind="data_model", title=f"TOKENWRITING{mark} not yet shown"
            ),
            **self._export(by, application),
            "token": create_token(by=by, name=mark, scopes=[])[0],
        }
        for kind in KINDS:
            ExternalId.objects.create(source="ats", value=f"{mark}-{kind}", **{kind: rows[kind]})
        ids = {name: row.pk for name, row in rows.items()}
        external = {f"external_{kind}": f"{mark}-{kind}" for kind in KINDS}
        return SimpleNamespace(**ids, **external, source="ats", number=1, secret=secret)

    def finish(self) -> None:
        """The last scorecard of the own job comes in, and the debrief opens."""
        Scorecard.objects.filter(pk=self.own.draft).delete()
        done = Assignment.objects.get(pk=self.own.work_done)
        self._judged(done, self.users["before"], "OWN")

    def _judged(self, of: Any, by: User, mark: str) -> Scorecard:
        text = f"TOKENEVIDENCE{mark} {by.get_short_name()} saw it"
        return factories.submitted_scorecard(
            of, by, {"c1": 4, "c2": 2}, evidence={"c1": text, "c2": text}, summary=text
        )

    def _file(self, of: Any) -> Attachment:
        name, content = "talk.md", b"TOKENWORK a talk"
        return Attachment.objects.create(
            submission=of.submission,
            name=name,
            file=ContentFile(content, name=name),
            size=len(content),
            sha256="0" * 64,
        )

    def _import(self, by: User, job: Any) -> Any:
        text = CSV.format(name=f"TOKENCSV{job.title[4:].upper()}")
        return upload_csv(by=by, job=job, name="people.csv", data=text.encode())

    def _export(self, by: User, application: Any) -> dict[str, Any]:
        export = Export.objects.create(requested_by=by, job=application.job)
        return {
            "export": export,
            "report": Report.objects.create(export=export, application=application),
        }

    # --- who asks

    def _signed_in(self, user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    def _through_the_link(self) -> Client:
        client = Client()
        client.post(reverse("link", args=[self.own.secret]))
        client.post(reverse("consent"), {"agree": "on"})
        return client
