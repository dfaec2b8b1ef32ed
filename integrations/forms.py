from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.queries import NO_NAME
from integrations.rows import LABELS, Mapping

HELP = {
    "first_name": gettext_lazy("A column with the whole name will do."),
    "email": gettext_lazy("Tells who applies for this job already."),
    "source": gettext_lazy("Where they found the job."),
    "external_id": gettext_lazy("Their number in your other system; it goes before the e-mail."),
}


class UploadForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("File"),
        max_length=255,
        help_text=gettext_lazy(
            "CSV with a row of column names, up to 2,000 rows and 2 MB, in UTF-8. Commas, "
            "semicolons or tabs between the cells."
        ),
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,text/csv"}),
    )


class MappingForm(forms.Form):
    """Which column of the file is which of our fields."""

    def __init__(self, *args: Any, header: list[str], mapping: Mapping, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        columns = [(n, cell or _("Column %(n)s") % {"n": n + 1}) for n, cell in enumerate(header)]
        for name, label in LABELS.items():
            self.fields[name] = forms.TypedChoiceField(
                label=str(label),
                help_text=HELP.get(name, ""),
                choices=[("", _("not in the file")), *columns],
                coerce=int,
                empty_value=None,
                required=name == "first_name",
                error_messages={"required": NO_NAME},
                initial=mapping.get(name, ""),
            )

    @property
    def mapping(self) -> Mapping:
        return {name: n for name, n in self.cleaned_data.items() if n is not None}


class RunForm(forms.Form):
    with_loop = forms.BooleanField(required=False)
