"""T2: a token in every sensitive field, and every answer to everybody searched for it."""

import re

import pytest
from django.test import Client

from tests import walk
from tests.world import World

pytestmark = pytest.mark.django_db

EVERYBODY = frozenset({"anonymous", "candidate", *walk.PEOPLE})
MANAGING = {"manager", "recruiter", "admin"}
SIGNED_IN = set(walk.PEOPLE)
# Who may meet which token; everybody else never, on any page, header or file.
MAY_SEE: dict[str, set[str]] = {
    "TOKENDRAFTOWN": {"before"},
    "TOKENDRAFTOTHER": set(),
    "TOKENEVIDENCEOWN": {"after", *MANAGING},
    "TOKENEVIDENCEOTHER": {"admin", "other_recruiter"},
    "TOKENDECISIONOWN": {"after", *MANAGING},
    "TOKENDECISIONOTHER": {"admin", "other_recruiter"},
    "TOKENPERSONOWN": {"candidate", *MANAGING},
    "TOKENLASTOWN": {"candidate", *MANAGING},
    "TOKENPERSONOTHER": {"admin", "other_recruiter"},
    "TOKENLASTOTHER": {"admin", "other_recruiter"},
    "TOKENWORKOWN": {"candidate", "before", "after", *MANAGING},
    "TOKENWORKOTHER": {"admin", "other_recruiter"},
    "TOKENCSVOWN": {"recruiter"},
    "TOKENCSVOTHER": {"other_recruiter"},
    "TOKENWRITINGOWN": {"recruiter"},
    "TOKENWRITINGOTHER": {"other_recruiter"},
    "TOKENKEY": SIGNED_IN - {"off_panel"},
    "TOKENANCHOR": SIGNED_IN - {"off_panel"},
    "TOKENINTERVIEWER": SIGNED_IN,
}
# Views of a page that its plain address does not show.
QUERIES: dict[str, list[str]] = {
    "exercises/<uuid:pk>/": ["tab=fix", "tab=rubric", "tab=probes", "tab=answers", "tab=history"],
    "exercises/<uuid:pk>/key/": ["flaw=all", "flaw=F1"],
    "exercises/drafts/<uuid:pk>/": ["part=brief", "part=files", "part=key", "part=probes"],
    "rubrics/<uuid:pk>/": ["level=senior", "level=mid"],
    "candidates/": ["q=TOKENPERSON", "q=tokenperson", "state=decided", "state=panel"],
    "debriefs/": ["status=all"],
    "debriefs/<uuid:pk>/": ["order=calibrated", "cell=c1"],
    "exports/": ["application={application}"],
    "api/v1/jobs": ["external_source=ats&external_id=OTHER-job"],
    "api/v1/candidates": ["email=tokenpersonother@example.com"],
    "api/v1/applications": ["expand=candidate"],
}
# The names that others search for come back in the search field itself.
ECHO = re.compile(rb'value="tokenperson"|q=tokenperson', re.IGNORECASE)


@pytest.fixture
def world():
    return World()


def paths(world, *, api):
    """Every request of the walk, and the same with its queries."""
    for step in walk.steps(world, api=api):
        yield step
        for query in QUERIES.get(step.route, []) if step.method == "GET" else []:
            named = query.format(application=getattr(world, step.part).application)
            yield walk.with_query(step, named)


def seen(answer):
    text = ECHO.sub(b"", answer.body)
    headers = "\n".join(f"{name}: {value}" for name, value in answer.items())
    return text.decode(errors="replace").upper() + headers.upper()


def leaks(world, actor, *, api, **headers):
    client = Client() if api else world.clients[actor]
    forbidden = [token for token, who in MAY_SEE.items() if actor not in who]
    found, met = [], set()
    for step in paths(world, api=api):
        text = seen(walk.send(client, step, **headers))
        met |= {token for token in MAY_SEE if token in text}
        found += [f"{step.method} {step.path}: {token}" for token in forbidden if token in text]
    return found, met


@pytest.mark.parametrize("actor", sorted(EVERYBODY))
def test_no_page_tells_what_its_reader_must_not_know(world, actor):
    found, _ = leaks(world, actor, api=False)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("actor", sorted(walk.PEOPLE))
def test_no_answer_of_the_api_does(world, actor):
    found, _ = leaks(world, actor, api=True, Authorization=f"Bearer {world.keys[actor]}")
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("actor", "tokens"),
    [
        ("before", {"TOKENDRAFTOWN", "TOKENWORKOWN", "TOKENKEY", "TOKENANCHOR"}),
        ("after", {"TOKENEVIDENCEOWN", "TOKENWORKOWN", "TOKENKEY"}),
        (
            "recruiter",
            {"TOKENPERSONOWN", "TOKENLASTOWN", "TOKENCSVOWN", "TOKENANCHOR", "TOKENWRITINGOWN"},
        ),
        ("candidate", {"TOKENWORKOWN"}),
    ],
)
def test_the_search_would_find_them(world, actor, tokens):
    """Who may read them meets them on this walk: a search that finds nothing proves nothing."""
    _, met = leaks(world, actor, api=False)
    assert tokens <= met


def test_a_closed_debrief_is_open_once_all_are_in(world):
    """The same pages with the panel complete: the owing interviewer's words appear, only there."""
    world.finish()
    for actor in ("off_panel", "other_recruiter", "candidate", "anonymous"):
        found, _ = leaks(world, actor, api=False)
        assert not found, "\n".join(found)
    _, met = leaks(world, "manager", api=False)
    assert {"TOKENEVIDENCEOWN", "TOKENDECISIONOWN"} <= met
