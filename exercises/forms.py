from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from exercises.models import ExerciseVersion, Kind
from rubrics.models import Level, Skill

ANY = ("", _("Any"))


class LibraryFilter(forms.Form):
    """What to show of the library. Everything is optional; nonsense shows everything."""

    q = forms.CharField(label=_("Search"), required=False, max_length=80)
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[ANY, *Kind.choices])
    level = forms.ChoiceField(label=_("Level"), required=False)
    skill = forms.ChoiceField(label=_("Skill"), required=False)

    def __init__(self, data: object) -> None:
        super().__init__(data)
        self.fields["level"].choices = [ANY, *Level.objects.values_list("key", "name")]
        self.fields["skill"].choices = [ANY, *Skill.objects.values_list("key", "name")]

    def apply(self, found: QuerySet[ExerciseVersion]) -> list[ExerciseVersion]:
        self.is_valid()
        asked = self.cleaned_data
        if asked.get("q"):
            found = found.filter(title__icontains=asked["q"])
        if asked.get("kind"):
            found = found.filter(kind=asked["kind"])
        # Lists inside JSON: neither database can look into them alike, and a library is short.
        return [
            version
            for version in found
            if (not asked.get("level") or asked["level"] in version.levels)
            and (not asked.get("skill") or asked["skill"] in version.skills)
        ]
