from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from candidates.models import Job
from exercises.models import ExerciseVersion, Kind
from rubrics.models import Level, RubricVersion, VersionStatus
from screening.actions.templates import loop_templates
from screening.models import Loop, Stage

EMPTY = "empty"


class LoopNewForm(forms.Form):
    """Which job, and what to start from."""

    job = forms.ModelChoiceField(
        label=_("Job"), queryset=Job.objects.none(), help_text=_("A job has one loop.")
    )
    start = forms.ChoiceField(label=_("Start with"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.templates = loop_templates()
        self.fields["job"].queryset = (
            Job.objects.managed_by(user).filter(loop=None, status="open").select_related("level")
        )
        self.fields["start"].choices = [
            *((template.key, template.title) for template in self.templates),
            (EMPTY, _("An empty loop")),
        ]

    @property
    def template(self) -> str | None:
        start = str(self.cleaned_data["start"])
        return None if start == EMPTY else start


class RulesForm(forms.ModelForm):
    class Meta:
        model = Loop
        fields = [
            "rubric_version",
            "max_minutes",
            "link_days",
            "scorecard_days",
            "hides_identity",
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rubric_version"].queryset = RubricVersion.objects.filter(
            status=VersionStatus.PUBLISHED
        ).select_related("rubric")


class StageForm(forms.ModelForm):
    """A step; its criteria are those of the loop's rubric, at most six."""

    criteria = forms.MultipleChoiceField(
        label=_("Criteria this stage lets one see"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("At most six; the exercise proposes its own."),
    )

    class Meta:
        model = Stage
        fields = ["title", "exercise_version", "mode", "minutes", "interviewers_needed", "criteria"]
        widgets = {"mode": forms.RadioSelect(attrs={"class": "segments"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = self.instance.loop.rubric_version.criteria.order_by("position")
        self.fields["criteria"].choices = [(row.key, row.name) for row in rows]
        self.initial["criteria"] = list(self.instance.criteria)
        mine = ExerciseVersion.objects.filter(pk=self.instance.exercise_version_id)
        latest = ExerciseVersion.objects.latest().values("pk")
        self.fields["exercise_version"].queryset = (
            ExerciseVersion.objects.filter(pk__in=latest) | mine
        ).order_by("title", "number")
        self.fields["exercise_version"].empty_label = _("None, a conversation")

    def clean_criteria(self) -> list[str]:
        chosen = self.cleaned_data["criteria"]
        if len(chosen) > Stage.MAX_CRITERIA:
            raise forms.ValidationError(
                _("Choose at most six: a longer list tires interviewers out.")
            )
        # The order people arranged stays; what is new comes after it.
        old = [key for key in self.instance.criteria if key in chosen]
        return old + [key for key in chosen if key not in old]


class LibraryFilter(forms.Form):
    q = forms.CharField(label=_("Search"), required=False, max_length=120)
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    level = forms.ChoiceField(label=_("Level"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", _("All kinds")), *Kind.choices]
        self.fields["level"].choices = [
            ("", _("All levels")),
            *Level.objects.values_list("key", "name"),
        ]


class MoveForm(forms.Form):
    to_position = forms.IntegerField(min_value=1, max_value=99)
