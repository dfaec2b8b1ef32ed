"""Every answer of a candidate's whole run, searched for every sentence of the answer key.

The exercises are those of the library, whole; the run takes every address that a candidate
has, so a new one joins by itself.
"""

import dataclasses
import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from config.checks import routes
from exercises.actions.publishing import publish_folder
from exercises.folder import ExerciseFolder, read_folder
from exercises.models import Category, ExerciseVersion
from rubrics.models import Anchor
from screening.actions import submissions as actions
from screening.models import Assignment, Submission
from screening.queries.candidate import KEY, plain_fields
from tests.screening.candidate_world import comment, op, world

pytestmark = pytest.mark.django_db

FOLDERS = sorted(
    path.parent for path in Path(settings.LIBRARY_DIR).glob("exercises/*/exercise.yaml")
)
# Shorter than this, words are met by chance.
SHORTEST = 14
TRANSCRIPT = (
    "You: Is this safe?\n\nAI: Yes.\n\nYou: And with two requests at once?\n\nAI: No, sorry."
)
DDL = "CREATE TABLE a (id int PRIMARY KEY, b float NOT NUL);"


def squashed(text: str) -> str:
    return " ".join(text.split()).lower()


def read_on_page(text: str) -> str:
    """Words as a reader meets them: no markup, entities or line ends."""
    return squashed(html.unescape(re.sub(r"<[^>]+>", "", text)))


def parts(text: str) -> Iterator[str]:
    """Lines and sentences, since a page may show a part of a text."""
    yield from text.splitlines()
    yield from re.split(r"(?<=[.?!])\s", " ".join(text.split()))


def strings_of(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield from parts(value)
    elif isinstance(value, dict):
        for each in value.values():
            yield from strings_of(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from strings_of(each)


def key_of(folder: ExerciseFolder) -> set[str]:
    """Everything of the folder that is not said in its brief, its files or its questions."""
    data = dataclasses.asdict(folder)
    secret = {name: data[name] for name in ("flaws", "decoys", "expects", "probes", "answers")}
    secret["questions"] = [
        {name: value for name, value in question.items() if name != "ask"}
        for question in data["questions"]
    ]
    secret |= {"baseline": data["baseline"], "reference": data["reference"]}
    secret["proofs"] = [text for name, text in data["files"].items() if name.startswith("proofs/")]
    asked = [question["ask"] for question in data["questions"]]
    files = [*folder.artefacts, *folder.artefacts.values()]
    known = squashed("\n".join([folder.title, folder.brief, *files, *asked]))
    words = {squashed(part) for part in strings_of(secret)} | {
        squashed(key) for key in paths(folder)
    }
    # The categories are a choice on every comment.
    words -= set(Category.values)
    return {word for word in words if len(word) >= SHORTEST and word not in known}


def paths(folder: ExerciseFolder) -> Iterator[str]:
    yield from (name for name in folder.files if name.startswith(("proofs/", "reference/")))
    for item in (*folder.flaws, *folder.decoys, *folder.expects):
        yield item.id


class Recorder(Client):
    """A browser that keeps every answer it got."""

    def __init__(self) -> None:
        super().__init__(raise_request_exception=True)
        self.heard: list[tuple[str, str]] = []

    def request(self, **request: object) -> object:
        response = super().request(**request)
        body = b"".join(response) if response.streaming else response.content
        said = "\n".join([*map(str, response.items()), body.decode("utf-8", "replace")])
        self.heard.append((f"{request['REQUEST_METHOD']} {request['PATH_INFO']}", said))
        return response


def run(folder: ExerciseFolder) -> tuple[SimpleNamespace, Recorder]:
    """From the link to the receipt, with work in every field, every address asked on the way."""
    version, _new = publish_folder(folder=folder, is_proven=True)
    here = world(version=version)
    browser = Recorder()
    for method in (browser.get, browser.head, browser.post):
        method(reverse("link", args=[here.secret]))
    browser.get(reverse("consent"))
    browser.post(reverse("consent"), {"agree": "yes"})
    everywhere(browser, here, Exchange.READ)
    browser.post(reverse("work_start", args=[here.first]))
    write(browser, here, version)
    everywhere(browser, here, Exchange.READ)
    everywhere(browser, here, Exchange.WRITE)
    browser.post(reverse("hand_in", args=[here.first]), {"seen": seen(here)})
    everywhere(browser, here, Exchange.READ)
    assert Assignment.objects.get(pk=here.first).status == "handed_in"
    browser.get(reverse("exercise", args=[version.pk]))
    browser.get(reverse("exercises"))
    return here, browser


def seen(here: SimpleNamespace) -> str:
    return actions.fingerprint(Submission.objects.get(assignment=here.first))


def write(browser: Recorder, here: SimpleNamespace, version: ExerciseVersion) -> None:
    values: dict[str, object] = dict.fromkeys(plain_fields(version), "What I think of it.")
    values |= {"transcript": TRANSCRIPT, "ai_used": "used", "ddl": DDL}
    values |= {name: "https://example.org/work" for name in values if name.startswith("link")}
    ops = [op(name, values[name]) for name in plain_fields(version)]
    if version.is_critique:
        place = {"file": version.artefacts[0]["path"], "start": 1, "end": 2}
        ops.append(op("comment:6b0f3c52-3b3e-4a63-9d3b-0d2f6a1c9b11", comment(**place)))
        ops.append(op("comment:6b0f3c52-3b3e-4a63-9d3b-0d2f6a1c9b12", comment(file="none.py")))
    answer = browser.post(
        reverse("work_save", args=[here.first]), {"ops": ops}, content_type="application/json"
    )
    assert [one["status"] for one in answer.json()["answers"]].count("ok") >= len(ops) - 1
    upload = SimpleUploadedFile("chat.md", TRANSCRIPT.encode(), "text/markdown")
    browser.post(reverse("transcript_add", args=[here.first]), {"file": upload})


class Exchange:
    READ, WRITE = "get", "post"
    # These end the run; it takes them itself, at their time.
    LAST = frozenset({"hand_in", "link"})


def everywhere(browser: Recorder, here: SimpleNamespace, method: str) -> None:
    """Every address behind the candidate's link, with the exercise's id in it and nothing else."""
    for _path, pattern in routes():
        if getattr(pattern.callback, "rule", "") != "candidate.workspace":
            continue
        if pattern.name in Exchange.LAST or set(pattern.pattern.converters) - {"pk"}:
            continue
        ids = [here.first] if pattern.pattern.converters else []
        getattr(browser, method)(reverse(pattern.name, args=ids))


@pytest.mark.parametrize("path", FOLDERS, ids=lambda path: path.name)
def test_nothing_of_the_key_reaches_a_candidate(path: Path) -> None:
    folder = read_folder(path)
    secret = key_of(folder)
    assert secret, "an exercise without a key"
    here, browser = run(folder)
    secret |= {squashed(anchor.text) for anchor in Anchor.objects.all()}
    secret |= {squashed(here.chi.name)}
    met = [f"{where}: {word}" for where, said in browser.heard for word in found(secret, said)]
    assert not met, "\n".join(met)


def found(secret: set[str], said: str) -> list[str]:
    # As read on the page, as it stands in attributes, and as JSON writes it.
    texts = [read_on_page(said), squashed(html.unescape(said)), squashed(in_json(said))]
    return [word for word in secret if any(word in text for text in texts)]


def in_json(said: str) -> str:
    return said.replace('\\"', '"').replace("\\n", " ") if '{"' in said else ""


def test_the_search_would_find_a_leak() -> None:
    folder = read_folder(FOLDERS[0])
    secret = key_of(folder)
    item = folder.flaws[0] if folder.flaws else folder.expects[0]
    title = squashed(item.title)
    assert title in found(secret, f'<p data-key="{html.escape(item.title)}">x</p>')
    assert found(secret, json.dumps({"x": folder.probes[0].listens_for}))
    assert not found(secret, folder.brief)


def test_saving_without_the_script_never_reads_the_key(client: Client) -> None:
    """What no query asks for cannot be on a page, in an error, or in a log."""
    here = world()
    client.post(reverse("link", args=[here.secret]))
    client.post(reverse("consent"), {"agree": "yes"})
    client.post(reverse("work_start", args=[here.first]))
    with CaptureQueriesContext(connection) as asked:
        answer = client.post(
            reverse("workspace", args=[here.first]), {"overall": "Well.", "base": "{}"}
        )
    assert answer.status_code == 302
    sql = " ".join(query["sql"] for query in asked)
    assert '"exercises_exerciseversion"."artefacts"' in sql
    for name in (*KEY, "proof_states"):
        assert f'"exercises_exerciseversion"."{name}"' not in sql, name
