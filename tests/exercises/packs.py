"""Packs for the tests: one small exercise that is right, and ways to bend it."""

import io
import zipfile
from typing import Any

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
