"""Packs for the tests: one small exercise that is right, and ways to bend it."""

import io
import zipfile
from typing import Any

import yaml

from tests.hostile import EVERY, LINE, STRINGS

KEY = """\
slug: {slug}
title: Money transfer
kind: endpoint_critique
levels: [mid]
minutes: 30
ai_policy: allowed
language: python
skills: [api_security]
criteria: [finds_defects]
flaws:
  - id: lost-update
    file: app.py
    lines: 2
    severity: critical
    category: data_integrity
    level: mid
    title: Lost update
    harm: Money vanishes.
    found_when: Names the race.
    proof: proofs/test_lost_update.py
probes:
  - about: lost-update
    ask: ["What happens with two at once?"]
    listens_for: A lock.
"""


def exercise(slug: str = "money", **changed: str | bytes | None) -> dict[str, bytes]:
    """The files of an exercise by path; None takes one away."""
    files: dict[str, str | bytes | None] = {
        "exercise.yaml": KEY.format(slug=slug),
        "brief.md": "Review it.\n",
        "baseline.md": "# Baseline, 2026-11-28\n\nFound 1, partly 0, missed 0.\n",
        "artefacts/app.py": "a\nb\nc\n",
        "reference/app.py": "a\nB\nc\n",
        "proofs/test_lost_update.py": "assert True\n",
        "answers/mid/strong.md": "four\n",
        "answers/mid/fair.md": "three\n",
        "answers/mid/weak.md": "one\n",
        **changed,
    }
    return {
        path: content.encode() if isinstance(content, str) else content
        for path, content in files.items()
        if content is not None
    }


def entry(name: str, **attributes: Any) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.compress_type = zipfile.ZIP_DEFLATED
    for attribute, value in attributes.items():
        setattr(info, attribute, value)
    return info


def zipped(files: dict[str, bytes], *more: tuple[zipfile.ZipInfo, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
        for info, content in more:
            archive.writestr(info, content)
    return out.getvalue()


def pack(slug: str = "money", **changed: str | bytes | None) -> bytes:
    return zipped({f"{slug}/{path}": text for path, text in exercise(slug, **changed).items()})


HOSTILE_PATH = "a <script>alert(1)<script> {% debug %} ' onload='x.py"
HOSTILE_TITLE = " ".join(STRINGS[:3])[:110]


def _hostile_key(slug: str) -> str:
    """The key with the same strings in every text that may stand there."""
    data = yaml.safe_load(KEY.format(slug=slug))
    data |= {"title": HOSTILE_TITLE}
    flaw = data["flaws"][0] | {"title": LINE[:115], "harm": EVERY, "found_when": EVERY}
    data["flaws"] = [flaw | {"file": HOSTILE_PATH}]
    data["decoys"] = [
        {"id": "odd", "file": HOSTILE_PATH, "lines": "1", "title": LINE[:115], "why_fine": EVERY}
    ]
    data["probes"] = [{"about": "lost-update", "ask": [LINE, EVERY], "listens_for": EVERY}]
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False)


def hostile(slug: str = "money") -> dict[str, str | bytes | None]:
    """What `exercise` changes for one of ill will."""
    code = EVERY + "\n"
    return {
        "exercise.yaml": _hostile_key(slug),
        "brief.md": f"{EVERY}\n\n```js onload=x\n{EVERY}\n```\n",
        "baseline.md": EVERY,
        "artefacts/app.py": None,
        "reference/app.py": None,
        f"artefacts/{HOSTILE_PATH}": code,
        f"reference/{HOSTILE_PATH}": code.replace("alert", "<b>fixed</b>"),
        **{f"answers/mid/{grade}.md": EVERY for grade in ("strong", "fair", "weak")},
    }
