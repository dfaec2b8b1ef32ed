from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from screening.actions.decisions import MAX_REASON
from screening.models import Outcome


class DecisionForm(forms.Form):
    outcome = forms.ChoiceField(
        label=_("Decide"),
        choices=Outcome.choices,
        widget=forms.RadioSelect(attrs={"class": "segments stack-phone"}),
        error_messages={"required": _("Choose hire, no hire or another round.")},
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=MAX_REASON,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Say why: the reason is part of the decision.")},
    )


class DebriefFilter(forms.Form):
    job = forms.ModelChoiceField(
        label=_("Job"), required=False, queryset=None, empty_label=_("All jobs")
    )
    status = forms.ChoiceField(
        label=_("Candidates"),
        required=False,
        choices=[("", _("in process")), ("all", _("all"))],
    )

    def __init__(self, *args: Any, jobs: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["job"].queryset = jobs
