import ipaddress
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.models.tokens import Scope


class UserForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ("name", *User.ROLES, "can_author", "is_active")


class InviteForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ("email", "name", *User.ROLES, "can_author")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not any(cleaned.get(role) for role in User.ROLES):
            raise ValidationError(
                _("Choose at least one role: without one there is nothing to see.")
            )
        return cleaned


class OwnNameForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ("name",)


class TokenForm(forms.Form):
    name = forms.CharField(
        label=_("Name"),
        max_length=80,
        help_text=_("Which system will use it, e.g. “Greenhouse sync”."),
    )
    scopes = forms.MultipleChoiceField(
        label=_("Scopes"),
        choices=[(scope, scope) for scope in Scope.values],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Give only what this system needs."),
    )
    expires_on = forms.DateField(
        label=_("Expires"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    allowed_cidrs = forms.CharField(
        label=_("Allowed networks"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("One per line, e.g. 203.0.113.0/24. Empty: from anywhere."),
    )

    def clean_expires_on(self) -> Any:
        day = self.cleaned_data["expires_on"]
        if day and day <= timezone.localdate():
            raise ValidationError(_("Choose a day after today."))
        return day

    def clean_allowed_cidrs(self) -> list[str]:
        networks = self.cleaned_data["allowed_cidrs"].split()
        for network in networks:
            try:
                ipaddress.ip_network(network)
            except ValueError as error:
                raise ValidationError(
                    _("%(network)s is not a network; write it like 203.0.113.0/24."),
                    params={"network": network},
                ) from error
        return networks
