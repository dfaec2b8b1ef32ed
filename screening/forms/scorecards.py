"""What an interviewer posts: the whole draft without JavaScript, an amendment, a decline."""

import json
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from screening.models import Rating, Scorecard
from screening.queries import scorecards


class DeclineForm(forms.Form):
    reason = forms.CharField(
        label=_("Why you cannot judge this candidate"),
        help_text=_("The recruiter reads it. Your access to this application ends at once."),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class AmendForm(forms.Form):
    point = forms.ChoiceField(label=_("Point"), widget=forms.RadioSelect)
    evidence = forms.CharField(
        label=_("Evidence"),
        required=False,
        max_length=20_000,
        strip=True,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    reason = forms.CharField(
        label=_("Why you change it"),
        help_text=_("Seen by the panel. Kept with the first judgement."),
        max_length=1_000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, data: Any = None, *, rating: Rating) -> None:
        super().__init__(
            data,
            auto_id=f"id_{rating.pk}_%s",
            initial={
                "point": scorecards.NOT_OBSERVED if rating.point is None else str(rating.point),
                "evidence": rating.evidence,
            },
        )
        choices = [(str(point), str(point)) for point in range(1, 5)]
        point = self.fields["point"]
        point.choices = [*choices, (scorecards.NOT_OBSERVED, _("Not observed"))]
        point.widget.attrs["class"] = "segments"

    @property
    def chosen(self) -> int | None:
        """The point to give, None for not observed."""
        return int(self.cleaned_data["point"]) or None


def posted_revisions(post: Mapping[str, Any]) -> dict[str, int]:
    """Field to revision as the page had it; nothing readable counts as never saved."""
    try:
        found = json.loads(post.get("revisions") or "{}")
    except ValueError:
        return {}
    if not isinstance(found, dict):
        return {}
    return {name: rev for name, rev in found.items() if isinstance(rev, int) and rev >= 0}


def posted_ops(scorecard: Scorecard, post: QueryDict) -> list[dict[str, Any]]:
    """The ops that bring the draft to what a plain form says; none for what is the same."""
    return list(_ops(scorecard, post))


def _ops(scorecard: Scorecard, post: QueryDict) -> Iterator[dict[str, Any]]:
    revisions = posted_revisions(post)
    for name in post:
        if not _is_field(name):
            continue
        value = _value(name, post)
        if value == (scorecard.value(name) or type(value)()):
            continue
        yield {
            "field": name,
            "value": value,
            "base_rev": revisions.get(name, 0),
            "id": str(uuid.uuid4()),
        }


def _value(name: str, post: QueryDict) -> Any:
    if name.startswith("catch:"):
        return sorted(set(filter(None, post.getlist(name))))
    # A browser sends line ends as CR LF; the draft has them as they were typed.
    return post[name].replace("\r\n", "\n")


def _is_field(name: str) -> bool:
    return name in {"recommendation", "summary"} or name.startswith(
        ("point:", "evidence:", "flaw:", "catch:", "alarm:", "probe:")
    )
