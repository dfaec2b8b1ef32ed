"""What is asked for: who, in which preset, with names or codes, on which paper."""

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from candidates.models import Application
from reports.models import Paper, Preset


class ExportForm(forms.Form):
    applications = forms.ModelMultipleChoiceField(
        queryset=Application.objects.none(),
        label=_("Who"),
        error_messages={
            "required": _("Choose at least one candidate."),
            "invalid_choice": _("Somebody you chose is not there any more; choose again."),
        },
    )
    preset = forms.ChoiceField(
        label=_("Preset"), choices=Preset.choices, initial=Preset.HIRING_MANAGER
    )
    codes_instead_of_names = forms.BooleanField(
        label=_("Use codes instead of names"), required=False, initial=True
    )
    letter = forms.BooleanField(label=_("Letter instead of A4"), required=False)
    nonce = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def __init__(self, *args: Any, applications: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["applications"].queryset = applications  # type: ignore[attr-defined]

    @property
    def wanted(self) -> dict[str, Any]:
        """What `request_export` takes, beside who asks."""
        cleaned = self.cleaned_data
        return {
            "applications": cleaned["applications"].select_related("job__level", "candidate"),
            "preset": cleaned["preset"],
            "codes_instead_of_names": cleaned["codes_instead_of_names"],
            "paper": Paper.LETTER if cleaned["letter"] else Paper.A4,
            "nonce": cleaned["nonce"],
        }


class Selection(forms.Form):
    """What the address says: a job whose candidates to choose from, or candidates already chosen.

    `application` may be given many times. Nonsense in an address chooses nobody.
    """

    job = forms.UUIDField(required=False)

    @staticmethod
    def ids(values: list[str]) -> list[str]:
        found = []
        for value in values[:500]:
            try:
                found.append(str(uuid.UUID(value)))
            except ValueError:
                continue
        return found
