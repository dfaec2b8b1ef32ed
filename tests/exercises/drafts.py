"""Steps of an author: a draft made field by field, as the editor saves it."""

import uuid
from typing import Any

from django.test import Client
from django.urls import reverse

from exercises.actions.drafts import add_item, save_draft
from exercises.models import ExerciseDraft
from lib import autosave

KINDS: dict[str, dict[str, dict[str, str]]] = {
    "data_model": {
        "expect": {"title": "Half open", "weight": "3", "level": "mid", "found_when": "Says so."},
        "question": {"ask": "Which rooms are free?", "answer": "SELECT 1"},
    },
    "design_discussion": {
        "expect": {"title": "A queue", "weight": "3", "level": "mid", "found_when": "Says so."},
    },
    "ai_assisted": {
        "expect": {"title": "A test", "weight": "3", "level": "mid", "found_when": "Says so."},
    },
    "structured_interview": {"question": {"ask": "What broke?", "listens_for": "Their part."}},
    "portfolio_review": {"question": {"ask": "Show one.", "listens_for": "Their part."}},
    "resume_screen": {"question": {"ask": "What is missing?", "listens_for": "Evidence."}},
}


def op(field: str, value: Any, base: int = 0) -> dict[str, Any]:
    return {"field": field, "value": value, "base_rev": base, "id": str(uuid.uuid4())}


def write(draft: ExerciseDraft, **values: Any) -> list[dict[str, Any]]:
    """Saved as the browser does it, on top of what is there."""
    draft.refresh_from_db()
    ops = [
        op(name, value, draft.fields.get(name, {}).get("rev", 0)) for name, value in values.items()
    ]
    answers = save_draft(by=draft.author, pk=draft.pk, ops=ops)
    draft.refresh_from_db()
    return answers


def values_of(draft: ExerciseDraft) -> dict[str, Any]:
    draft.refresh_from_db()
    return autosave.values(draft.fields)


def item(draft: ExerciseDraft, group: str, **values: Any) -> str:
    uid = add_item(by=draft.author, pk=draft.pk, group=group)
    answers = write(draft, **{f"{group}:{uid}:{key}": value for key, value in values.items()})
    assert all(answer["status"] == "ok" for answer in answers), answers
    return uid


def facts(draft: ExerciseDraft, title: str = "Refund endpoint") -> None:
    answers = write(
        draft,
        title=title,
        levels=["mid"],
        minutes="30",
        skills=["data_modelling"],
        criteria=["c1"],
        brief="A shop. Say what hurts.",
    )
    assert {answer["status"] for answer in answers} == {"ok"}, answers


def flaw(draft: ExerciseDraft, file: str, **more: Any) -> str:
    return item(
        draft,
        "flaw",
        **{
            "file": file,
            "lines": "2",
            "severity": "major",
            "category": "security",
            "level": "mid",
            "title": "Anyone may refund",
            "harm": "Money leaves.",
            "found_when": "Names the missing check.",
        }
        | more,
    )


def post(client: Client, draft: ExerciseDraft, part: str, **fields: Any) -> Any:
    draft.refresh_from_db()
    url = f"{reverse('exercise_draft', args=[draft.pk])}?part={part}"
    shown = client.get(url).context["base"]
    return client.post(url, {"base": shown, **fields})
