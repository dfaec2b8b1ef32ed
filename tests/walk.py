"""Every route of the site, asked by everybody: what the access and the canary tests walk.

A new route needs one line in PAGES or API: its pattern and which id of `tests.world` each part of
it takes. `owner` names the actor to whom alone the object belongs; `place` says where the columns
come from: the job (default), `role` when only the role counts, `own` when it is the owner's alone
and of no job, `door` behind a candidate's link.
"""

import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.urls import URLPattern

from accounts.rules import TABLE, allows
from config.checks import FOREIGN, operations_of, routes, rules_of
from tests.world import World

METHODS = ("GET", "POST")
PARTS = ("own", "other", "missing")
PEOPLE = (
    *("before", "after", "off_panel", "manager", "recruiter", "other_recruiter"),
    "admin",
)

# In which columns of the table each actor stands for their own job and for the other one.
COLUMNS: dict[str, dict[str, set[str]]] = {
    "anonymous": {"own": set(), "other": set()},
    "candidate": {"own": set(), "other": set()},
    "before": {"own": {"member", "before"}, "other": {"member"}},
    "after": {"own": {"member", "after"}, "other": {"member"}},
    "off_panel": {"own": {"member", "off_panel"}, "other": {"member"}},
    "manager": {"own": {"member", "manager"}, "other": {"member"}},
    "recruiter": {"own": {"member", "recruiter"}, "other": {"member", "other"}},
    "other_recruiter": {"own": {"member", "other"}, "other": {"member", "recruiter"}},
    "admin": {"own": {"member", "admin"}, "other": {"member", "admin"}},
}
# Where no job is at stake: whether they could do it anywhere.
PANEL = {"member", "author", "before", "after", "off_panel"}
ROLES: dict[str, set[str]] = {
    "anonymous": set(),
    "candidate": set(),
    "before": PANEL,
    "after": PANEL,
    "off_panel": PANEL,
    "manager": {"member", "author", "manager"},
    "recruiter": {"member", "author", "recruiter", "other"},
    "other_recruiter": {"member", "author", "recruiter", "other"},
    "admin": {"member", "author", "admin"},
}
# The library belongs to no job: roles open it, a panel opens what it is to score.
LIBRARY: dict[str, dict[str, set[str]]] = {
    **{actor: dict.fromkeys(("own", "other"), columns) for actor, columns in ROLES.items()},
    "before": {"own": {"before"}, "other": set()},
    "after": {"own": {"after"}, "other": set()},
    "off_panel": {"own": set(), "other": set()},
}
# Exports, imports and scorecards belong to one person in each job.
OWNERS = {
    "draft": {"own": "before"},
    "card": {"own": "after"},
    "asked": {"own": "recruiter", "other": "other_recruiter"},
}


@dataclass(frozen=True)
class Spec:
    """Which ids a route takes, and where its columns come from."""

    ids: dict[str, str] = field(default_factory=dict)
    place: str = "job"
    owner: str = ""
    # The row of a POST where it is not the one of the page.
    post: str = ""
    # What the table does not say: more columns, with the reason in a comment beside the line.
    also: frozenset[str] = frozenset()


def _(
    place: str = "job", owner: str = "", post: str = "", also: tuple[str, ...] = (), **ids: str
) -> Spec:
    return Spec(ids, place, owner, post, frozenset(also))


PAGES: dict[str, Spec] = {
    "healthz": _(),
    "readyz": _(),
    "": _(),
    "method/": _(),
    "demo/load/": _(),
    "demo/remove/": _(),
    "account/": _(),
    "users/": _(),
    "users/new/": _(),
    "users/<uuid:pk>/": _("role", pk="user"),
    "users/<uuid:pk>/link/": _("role", pk="user"),
    "tokens/": _(),
    "tokens/<uuid:pk>/revoke/": _("role", pk="token"),
    "rubrics/<uuid:pk>/": _("library", pk="rubric_version"),
    "exercises/": _(),
    "exercises/<uuid:pk>/": _("library", pk="exercise"),
    "exercises/<uuid:pk>/key/": _("library", pk="exercise"),
    "exercises/<uuid:pk>/statistics/": _("library", pk="exercise"),
    "exercises/<uuid:pk>/export/": _("library", pk="exercise"),
    "exercises/packs/new/": _(),
    "exercises/packs/<uuid:pk>/": _(owner="asked", pk="pack"),
    "exercises/packs/<uuid:pk>/import/": _(owner="asked", pk="pack"),
    "exercises/new/": _(),
    "exercises/drafts/<uuid:pk>/": _("own", owner="asked", pk="writing"),
    "exercises/drafts/<uuid:pk>/save/": _("own", owner="asked", pk="writing"),
    "exercises/drafts/<uuid:pk>/checks/": _("own", owner="asked", pk="writing"),
    "exercises/drafts/<uuid:pk>/publish/": _("own", owner="asked", pk="writing"),
    "exercises/drafts/<uuid:pk>/discard/": _("own", owner="asked", pk="writing"),
    "exercises/drafts/<uuid:pk>/preview/": _("own", owner="asked", pk="writing"),
    "exercises/drafts/<uuid:pk>/preview/save/": _("own", owner="asked", pk="writing"),
    "exercises/drafts/<uuid:pk>/preview/erd/": _("own", owner="asked", pk="writing"),
    "jobs/new/": _(),
    "jobs/<uuid:pk>/": _(pk="job"),
    "jobs/<uuid:pk>/team/": _(pk="job"),
    "jobs/<uuid:pk>/team/<uuid:member>/remove/": _(pk="job", member="member"),
    "loops/": _(),
    "loops/new/": _(),
    "loops/<uuid:pk>/": _(pk="loop"),
    "loops/<uuid:pk>/rules/": _(pk="loop"),
    "loops/<uuid:pk>/publish/": _(pk="loop"),
    "loops/<uuid:pk>/close/": _(pk="loop"),
    "loops/<uuid:pk>/library/": _(pk="loop"),
    "loops/<uuid:pk>/stages/": _(pk="loop"),
    "loops/<uuid:pk>/board/": _(pk="loop"),
    "stages/<uuid:pk>/": _(pk="stage"),
    "stages/<uuid:pk>/move/": _(pk="stage"),
    "stages/<uuid:pk>/remove/": _(pk="stage"),
    "stages/<uuid:pk>/renew/": _(pk="stage"),
    "candidates/": _(),
    "candidates/new/": _(),
    "applications/<uuid:pk>/": _(pk="application"),
    "applications/<uuid:pk>/assign/": _(pk="application"),
    "applications/<uuid:pk>/stages/<uuid:stage>/": _(pk="application", stage="stage"),
    "applications/<uuid:pk>/status/": _(pk="application"),
    "applications/<uuid:pk>/link/": _(pk="application"),
    "applications/<uuid:pk>/link/extend/": _(pk="application"),
    "applications/<uuid:pk>/link/revoke/": _(pk="application"),
    "assignments/<uuid:pk>/panel/": _(pk="assignment"),
    "assignments/<uuid:pk>/time/": _(pk="assignment"),
    "scorecards/<uuid:pk>/unassign/": _(pk="draft"),
    "scorecards/<uuid:pk>/remind/": _(pk="draft"),
    "inbox/": _(),
    "debriefs/": _(),
    "debriefs/<uuid:pk>/": _(post="decision.record", pk="application"),
    "scorecards/<uuid:pk>/": _(owner="draft", pk="draft"),
    "scorecards/<uuid:pk>/save/": _(owner="draft", pk="draft"),
    "scorecards/<uuid:pk>/submit/": _(owner="draft", pk="draft"),
    "scorecards/<uuid:pk>/decline/": _(owner="draft", pk="draft"),
    "scorecards/<uuid:pk>/ratings/<uuid:rating_pk>/amend/": _(
        owner="card", pk="card", rating_pk="rating"
    ),
    "c/<str:secret>/": _("secret", secret="secret"),
    "w/": _("door"),
    "w/consent/": _("door"),
    "w/warm-up/": _("door"),
    "w/warm-up/save/": _("door"),
    "w/<uuid:pk>/": _("door", pk="work_ready"),
    "w/<uuid:pk>/workspace/": _("door", pk="work_begun"),
    "w/<uuid:pk>/save/": _("door", pk="work_begun"),
    "w/<uuid:pk>/clock/": _("door", pk="work_begun"),
    "w/<uuid:pk>/erd/": _("door", pk="work_design"),
    "w/<uuid:pk>/comment/": _("door", pk="work_begun"),
    "w/<uuid:pk>/transcript/": _("door", pk="work_begun"),
    "w/<uuid:pk>/transcript/turns/": _("door", pk="work_begun"),
    "w/<uuid:pk>/transcript/<uuid:attachment>/remove/": _(
        "door", pk="work_begun", attachment="own_file"
    ),
    "w/<uuid:pk>/pieces/<int:number>/": _("door", pk="work_begun", number="number"),
    "w/<uuid:pk>/pieces/<int:number>/<uuid:attachment>/remove/": _(
        "door", pk="work_begun", number="number", attachment="own_file"
    ),
    "w/<uuid:pk>/review/": _("door", pk="work_begun"),
    "w/<uuid:pk>/hand-in/": _("door", pk="work_begun"),
    "w/<uuid:pk>/receipt/": _("door", pk="work_done"),
    "attachments/<uuid:pk>/": _(pk="attachment"),
    "exports/": _(),
    "exports/<uuid:pk>/": _(owner="asked", pk="export"),
    "exports/<uuid:pk>/job/": _(owner="asked", pk="export"),
    "exports/<uuid:pk>/file/": _(owner="asked", pk="export"),
    "exports/<uuid:pk>/cancel/": _(owner="asked", pk="export"),
    "exports/<uuid:pk>/delete/": _(owner="asked", pk="export"),
    "exports/<uuid:pk>/retry/": _(owner="asked", pk="export"),
    "exports/<uuid:pk>/reports/<uuid:report>/": _(owner="asked", pk="export", report="report"),
    "exports/<uuid:pk>/reports/<uuid:report>/retry/": _(
        owner="asked", pk="export", report="report"
    ),
    "imports/new/": _(),
    "imports/sample.csv": _(),
    "jobs/<uuid:pk>/import/": _(pk="job"),
    "imports/<uuid:pk>/": _(owner="asked", pk="csv"),
    "imports/<uuid:pk>/columns/": _(owner="asked", pk="csv"),
    "imports/<uuid:pk>/preview/": _(owner="asked", pk="csv"),
    "imports/<uuid:pk>/run/": _(owner="asked", pk="csv"),
    "imports/<uuid:pk>/left-out.csv": _(owner="asked", pk="csv"),
}

# Whoever is on a job's team may know its title, also before there is somebody to judge.
TEAM_KNOWS = ("off_panel",)
API: dict[str, Spec] = {
    "openapi.json": _(),
    "openapi.yaml": _(),
    "me": _(),
    "users": _(),
    "users/<uuid:pk>": _("role", pk="user"),
    "levels": _(),
    "rubrics": _(),
    # Names and weights of criteria; programs get no anchors, so that the role is enough.
    "rubrics/<uuid:pk>/versions/<int:number>": _("role", pk="rubric", number="number"),
    "exercises": _(),
    "jobs": _(),
    "jobs/<uuid:pk>": _(also=TEAM_KNOWS, pk="job"),
    "jobs/external/<str:source>/<path:value>": _(
        also=TEAM_KNOWS, source="source", value="external_job"
    ),
    "candidates": _(),
    "candidates/<uuid:pk>": _(pk="candidate"),
    "candidates/external/<str:source>/<path:value>": _(source="source", value="external_candidate"),
    "applications": _(),
    "applications/<uuid:pk>": _(pk="application"),
    "applications/external/<str:source>/<path:value>": _(
        source="source", value="external_application"
    ),
    "screenings": _(),
    "screenings/<uuid:pk>": _(pk="work_done"),
    "scorecards": _(),
    "scorecards/<uuid:pk>": _(pk="card"),
    "results": _(),
    "exports": _(),
    "exports/<uuid:pk>": _(owner="asked", pk="export"),
    "exports/<uuid:pk>/file": _(owner="asked", pk="export"),
}
SPECS = {**PAGES, **{f"api/v1/{route}": spec for route, spec in API.items()}}


@dataclass(frozen=True)
class Step:
    """One request to be made: `rule` is the row of the table, `part` whose object it names."""

    route: str
    path: str
    method: str
    rule: str
    part: str
    spec: Spec

    def is_allowed(self, actor: str) -> bool:
        if self.part == "missing" and self.method == "PUT":  # makes what is not there yet
            return bool(TABLE[self.rule].who & ROLES[actor])
        if self.part == "missing":
            return False
        if self.spec.place in {"door", "secret"}:
            return self._opens(actor)
        if self.spec.place == "own" and OWNERS[self.spec.owner].get(self.part) != actor:
            return False
        if not self.spec.ids or self.spec.place in {"role", "own"}:
            return bool(TABLE[self.rule].who & (ROLES[actor] | {"anyone"}))
        columns = set((LIBRARY if self.spec.place == "library" else COLUMNS)[actor][self.part])
        if self.spec.owner:
            is_theirs = OWNERS[self.spec.owner].get(self.part) == actor
            columns = columns | {"author"} if is_theirs else set()
        if self.method == "GET" and columns & self.spec.also:
            return True
        return allows(self.rule, columns)

    def _opens(self, actor: str) -> bool:
        """Whoever has a secret may use it; the pages behind it are for who came through it."""
        return self.spec.place == "secret" or (actor == "candidate" and self.part == "own")


def ours() -> Iterator[tuple[str, URLPattern]]:
    for route, pattern in routes():
        if not pattern.callback.__module__.startswith(FOREIGN):
            yield route, pattern


def steps(world: World, *, api: bool) -> Iterator[Step]:
    """Every request of the pages, or of the API, on one's own, the other's and nobody's object."""
    for route, pattern in ours():
        operations = operations_of(pattern)
        spec = SPECS.get(route)  # test_every_route_is_in_the_map tells of the missing ones
        if spec is None or bool(operations) != api:
            continue
        methods = operations or dict.fromkeys(METHODS, rules_of(pattern)[0])
        for part in PARTS if spec.ids else ("own",):
            path = _path(route, spec, getattr(world, part))
            for method, rule in methods.items():
                asked = spec.post if method == "POST" and spec.post else rule
                yield Step(route, path, method, asked, part, spec)


def _path(route: str, spec: Spec, ids: Any) -> str:
    taken = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(getattr(ids, spec.ids[found[1]])), route)
    return f"/{taken}"


def with_query(step: Step, query: str) -> Step:
    return replace(step, path=f"{step.path}?{query}")


def send(client: Any, step: Step, **headers: str) -> HttpResponse:
    """The answer; whatever it wrote is taken back."""
    given: dict[str, Any] = {"headers": headers} if headers else {}
    if step.route.startswith("api/") and step.method in {"POST", "PUT"}:
        given |= {"data": "{}", "content_type": "application/json"}
    kept = deepcopy(client.cookies)
    with transaction.atomic():
        answer = getattr(client, step.method.lower())(step.path, **given)
        if answer.streaming:
            answer.body = b"".join(answer.streaming_content)
        else:
            answer.body = answer.content
        transaction.set_rollback(True)
    client.cookies = kept
    return answer
