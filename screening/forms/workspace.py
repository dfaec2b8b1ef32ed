"""A comment written without a script, and what a whole page of fields says as ops."""

import json
import uuid
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from exercises.models import Category
from screening.actions.transcript_fields import is_turn_field
from screening.models import Submission
from screening.queries.candidate import plain_fields


class CommentForm(forms.Form):
    """Lines and words of one comment; which lines a file has, the action knows."""

    uuid = forms.UUIDField(required=False, widget=forms.HiddenInput)
    file = forms.ChoiceField(label=_("File"))
    start = forms.IntegerField(label=_("From line"), min_value=1, max_value=100_000)
    end = forms.IntegerField(label=_("To line"), min_value=1, max_value=100_000, required=False)
    severity = forms.ChoiceField(
        label=_("Severity"),
        initial="major",
        choices=[
            ("critical", _("critical")),
            ("major", _("major")),
            ("minor", _("minor")),
            ("question", _("question")),
        ],
    )
    category = forms.ChoiceField(label=_("Category"), choices=Category.choices)
    text = forms.CharField(
        label=_("Your comment"), max_length=4000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, files: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].choices = [(path, path) for path in files]

    @property
    def field(self) -> str:
        return f"comment:{self.cleaned_data['uuid'] or uuid.uuid4()}"

    @property
    def value(self) -> dict[str, Any]:
        given = self.cleaned_data
        kept = {name: given[name] for name in ("file", "start", "severity", "category", "text")}
        return {**kept, "end": given["end"] or given["start"]}


def one_op(work: Submission, field: str, value: Any) -> dict[str, Any]:
    """An op on what the server has now: of somebody who sees the page fresh after every post."""
    rev = work.fields.get(field, {}).get("rev", 0)
    return {"field": field, "value": value, "base_rev": rev, "id": str(uuid.uuid4())}


def form_ops(work: Submission, posted: Mapping[str, str]) -> list[dict[str, Any]]:
    """The fields of a plain form post that differ from what is saved, on the revisions it saw.

    Where a field has moved since, the newer text wins and the other is kept as a version.
    """
    seen = _seen(posted.get("base", ""))
    version = work.assignment.exercise_version
    ops = []
    for name in plain_fields(version) if version else []:
        value = posted.get(name, "").replace("\r\n", "\n")
        saved = work.fields.get(name, {})
        if name in posted and value != (saved.get("v") or ""):
            rev = saved.get("rev", 0)
            ops.append({**one_op(work, name, value), "resolve": seen.get(name, 0) != rev})
    return ops + _turn_ops(work, posted)


def _turn_ops(work: Submission, posted: Mapping[str, str]) -> list[dict[str, Any]]:
    """What the form says of the turns of a transcript, where it differs."""
    ops = []
    for name in filter(is_turn_field, posted):
        value = posted[name].replace("\r\n", "\n")
        saved = work.value(name, None)
        if value != ("1" if saved is True else saved or ""):
            ops.append(one_op(work, name, value))
    return ops


def _seen(given: str) -> dict[str, int]:
    try:
        found = json.loads(given)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
