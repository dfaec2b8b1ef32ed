from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exercises.models import ExerciseVersion, Kind
from exercises.packs import MAX_ZIP, MB
from exercises.queries.library import HEAVY
from rubrics.models import Level, Skill

ANY = ("", gettext_lazy("Any"))
MINUTES = (30, 45, 60)


class LibraryFilter(forms.Form):
    """What to show of the library. Everything is optional; nonsense shows everything."""

    q = forms.CharField(label=gettext_lazy("Search"), required=False, max_length=80)
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"), required=False, choices=[ANY, *Kind.choices]
    )
    level = forms.ChoiceField(label=gettext_lazy("Level"), required=False)
    skill = forms.ChoiceField(label=gettext_lazy("Skill"), required=False)
    language = forms.ChoiceField(label=gettext_lazy("Language"), required=False)
    minutes = forms.TypedChoiceField(
        label=gettext_lazy("Time"), required=False, coerce=int, empty_value=None
    )

    def __init__(self, data: object, *, known: QuerySet[ExerciseVersion]) -> None:
        super().__init__(data)
        languages = known.order_by("language").values_list("language", flat=True).distinct()
        self.fields["level"].choices = [ANY, *Level.objects.values_list("key", "name")]
        self.fields["skill"].choices = [ANY, *Skill.objects.values_list("key", "name")]
        self.fields["language"].choices = [ANY, *((name, name) for name in languages if name)]
        self.fields["minutes"].choices = [
            ANY,
            *((n, _("up to %(n)s min") % {"n": n}) for n in MINUTES),
        ]

    @property
    def is_narrowing(self) -> bool:
        """Whether anything that makes sense is asked for."""
        return self.is_bound and any(getattr(self, "cleaned_data", {}).values())

    def apply(self, found: QuerySet[ExerciseVersion]) -> list[ExerciseVersion]:
        found = found.defer(*HEAVY)
        if not self.is_bound:
            return list(found)
        self.is_valid()
        asked: dict[str, Any] = self.cleaned_data
        if asked.get("q"):
            found = found.filter(title__icontains=asked["q"])
        if asked.get("minutes"):
            found = found.filter(minutes__lte=asked["minutes"])
        given = {name: asked[name] for name in ("kind", "language") if asked.get(name)}
        # Lists inside JSON: neither database can look into them alike, and a library is short.
        return [
            version
            for version in found.filter(**given)
            if (not asked.get("level") or asked["level"] in version.levels)
            and (not asked.get("skill") or asked["skill"] in version.skills)
        ]


class CompareForm(forms.Form):
    """Two editions of one exercise."""

    tab = forms.CharField(widget=forms.HiddenInput, initial="history", required=False)
    old = forms.TypedChoiceField(label=gettext_lazy("From"))
    new = forms.TypedChoiceField(label=gettext_lazy("To"))

    def __init__(self, data: object, *, editions: Sequence[ExerciseVersion]) -> None:
        initial = {"tab": "history"}
        if len(editions) > 1:
            initial |= {"old": str(editions[1].number), "new": str(editions[0].number)}
        super().__init__(data, initial=initial)
        known = {str(edition.number): edition for edition in editions}
        for name in ("old", "new"):
            self.fields[name].choices = [(number, f"v{number}") for number in known]
            self.fields[name].coerce = known.__getitem__


class PackForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("Pack"),
        max_length=255,
        help_text=gettext_lazy(
            "A zip with a folder for each exercise, as manage.py export_pack or git archive make "
            "it."
        ),
        widget=forms.FileInput(attrs={"accept": ".zip,application/zip"}),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MAX_ZIP:
            raise forms.ValidationError(
                _("The zip is larger than %(n)s MB; split it into several packs.")
                % {"n": MAX_ZIP // MB}
            )
        return file
