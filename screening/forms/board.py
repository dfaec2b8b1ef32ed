from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from candidates.models import ApplicationStatus, Job
from screening.queries.panel import Proposal

REASONS = [
    _("Connection lost"),
    _("Accessibility need"),
    _("Interrupted"),
    _("Our mistake"),
]


class CandidateFilter(forms.Form):
    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("Name, e-mail or code")}),
    )
    job = forms.ModelChoiceField(
        label=_("Job"), required=False, queryset=Job.objects.none(), empty_label=_("All jobs")
    )
    state = forms.ChoiceField(label=_("State"), required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["job"].queryset = Job.objects.managed_by(user).select_related("level")
        self.fields["state"].choices = [
            ("", _("All states")),
            ("unassigned", _("not assigned yet")),
            ("candidate", _("waiting for the candidate")),
            ("panel", _("waiting for the panel")),
            ("complete", _("panel complete")),
            ("decided", _("decided")),
            *ApplicationStatus.choices,
        ]


class CandidateForm(forms.Form):
    job = forms.ModelChoiceField(label=_("Job"), queryset=Job.objects.none())
    first_name = forms.CharField(label=_("First name"), max_length=80)
    last_name = forms.CharField(label=_("Last name"), max_length=80, required=False)
    email = forms.EmailField(label=_("E-mail"), required=False)
    source = forms.CharField(
        label=_("Source"), max_length=80, required=False, help_text=_("Where they found the job.")
    )
    with_loop = forms.BooleanField(
        label=_("Assign the loop at once"),
        required=False,
        initial=True,
        help_text=_("The next page has the link to send."),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["job"].queryset = (
            Job.objects.managed_by(user).exclude(status="closed").select_related("level")
        )


class PanelForm(forms.Form):
    """One of the interviewers who may judge this, the least loaded first."""

    interviewer = forms.ModelChoiceField(queryset=User.objects.none())

    def __init__(self, *args: Any, proposals: list[Proposal], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["interviewer"].queryset = User.objects.filter(
            pk__in=[proposal.user.pk for proposal in proposals]
        )


class TimeForm(forms.Form):
    minutes = forms.IntegerField(min_value=1, max_value=240, initial=15)
    reason = forms.CharField(max_length=200)
    expected = forms.IntegerField(min_value=0, max_value=1000, required=False)


class UntilForm(forms.Form):
    until = forms.DateTimeField(required=False, input_formats=["%Y-%m-%dT%H:%M:%S.%f%z"])


class StatusForm(forms.Form):
    status = forms.ChoiceField(
        label=_("Status"), choices=ApplicationStatus.choices, widget=forms.Select
    )
    reason = forms.CharField(label=_("Note for the record"), max_length=500, required=False)
