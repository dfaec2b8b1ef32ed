"""What a whole form of the editor says as ops, for browsers without the script."""

import json
import uuid
from typing import Any

from django.http import QueryDict

from exercises import authoring
from exercises.models import ExerciseDraft


def seen(posted: QueryDict) -> dict[str, int]:
    """Field → the revision that the page showed."""
    try:
        found = json.loads(posted.get("base", ""))
    except (ValueError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {str(name): rev for name, rev in list(found.items())[:1000] if isinstance(rev, int)}


def typed(posted: QueryDict) -> dict[str, Any]:
    """What stands in every field that the page had; a box left open is a value too."""
    found: dict[str, Any] = {}
    for name in seen(posted):
        key = name.rpartition(":")[2]
        if key in authoring.LISTS:
            found[name] = posted.getlist(name)
        elif key == "contextual":
            found[name] = name in posted
        elif name in posted:
            found[name] = authoring.tidy(str(posted[name]))
    return found


def form_ops(draft: ExerciseDraft, posted: QueryDict) -> list[dict[str, Any]]:
    """The fields that differ from what is saved. Where one has moved since, the newer text wins
    and the other is kept beside it.
    """
    revs = seen(posted)
    ops = []
    for name, value in typed(posted).items():
        entry = draft.fields.get(name, {})
        rev = entry.get("rev", 0)
        if value != entry.get("v") and (value or entry.get("v")):
            ops.append(
                {
                    "field": name,
                    "value": value,
                    "base_rev": rev,
                    "id": str(uuid.uuid4()),
                    "resolve": revs[name] != rev,
                }
            )
    return ops
