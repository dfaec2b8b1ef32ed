from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from candidates.models import Job, TeamRole


def _people(**flag: bool) -> QuerySet[User]:
    return User.objects.filter(is_active=True, **flag).order_by("name", "pk")


class JobForm(forms.ModelForm):
    """The facts of an opening; the action does the writing."""

    class Meta:
        model = Job
        fields = [
            "title",
            "level",
            "department",
            "requirements",
            "retention_days",
            "recruiter_decides",
            "is_confidential",
        ]
        widgets = {"requirements": forms.Textarea(attrs={"rows": 5})}
        help_texts = {
            "title": _("As candidates know it, without the level."),
            "level": _("Weights and bars of the rubric follow from it."),
            "requirements": _(
                "What the opening asks for. The loop builder points out what sounds precise "
                "and predicts little."
            ),
            "retention_days": _("Counted from the decision; candidates see it before they start."),
            "is_confidential": _("Only this job's team sees it; an admin must be on it too."),
        }


class JobEditForm(JobForm):
    class Meta(JobForm.Meta):
        fields = [*JobForm.Meta.fields, "status"]


class JobNewForm(JobForm):
    """A job and the people around it, so that one page is enough to begin."""

    managers = forms.ModelMultipleChoiceField(
        label=_("Hiring managers"),
        queryset=User.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    interviewers = forms.ModelMultipleChoiceField(
        label=_("Interviewers"),
        queryset=User.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Two or more per stage make scores comparable."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["managers"].queryset = _people(is_hiring_manager=True)
        self.fields["interviewers"].queryset = _people(is_interviewer=True)

    @property
    def facts(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in JobForm.Meta.fields}

    @property
    def team(self) -> list[tuple[User, str]]:
        members = [(user, TeamRole.HIRING_MANAGER) for user in self.cleaned_data["managers"]]
        return members + [
            (user, TeamRole.INTERVIEWER) for user in self.cleaned_data["interviewers"]
        ]


class MemberForm(forms.Form):
    user = forms.ModelChoiceField(label=_("Person"), queryset=User.objects.none())
    role = forms.ChoiceField(
        label=_("Part"), choices=TeamRole.choices, initial=TeamRole.INTERVIEWER
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = _people()
