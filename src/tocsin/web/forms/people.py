"""What an administrator says about people and organisations, and a person about their tokens."""

import re
from typing import Any, cast

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.utils.translation import gettext_lazy as _

from tocsin.organisations.models import Organisation, Person
from tocsin.organisations.queries import list_organisations, list_people
from tocsin.organisations.vocabulary import OrganisationKind, Role

_COUNTRY = re.compile(r"[A-Z]{2}")


class RolesForm(forms.Form):
    """What a person may do, and whether they may log in."""

    roles = forms.MultipleChoiceField(
        label=_("Roles"),
        choices=Role.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("A releaser releases what somebody else drafted, never an own draft."),
    )
    is_active = forms.BooleanField(label=_("May log in"), required=False)
    password = forms.CharField(
        label=_("New password"),
        required=False,
        help_text=_(
            "For one who forgot it; empty: the password stays. Hand it over in person; it is "
            "changed under Password."
        ),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    removes_factors = forms.BooleanField(
        label=_("Remove passkeys and one-time codes"),
        required=False,
        help_text=_("For one who lost them: the password alone logs in until new ones are set up."),
    )

    def __init__(self, *args: Any, person: Person, **options: Any) -> None:
        super().__init__(*args, **options)
        self.person = person

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if password:
            validate_password(password, self.person)
        return password


class PersonForm(forms.Form):
    """A new account."""

    username = forms.CharField(
        label=_("User name"),
        max_length=150,
        validators=[UnicodeUsernameValidator()],
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    organisation = forms.ModelChoiceField(
        label=_("Organisation"), queryset=Organisation.objects.none()
    )
    roles = forms.MultipleChoiceField(
        label=_("Roles"), choices=Role.choices, widget=forms.CheckboxSelectMultiple
    )
    password = forms.CharField(
        label=_("Initial password"),
        help_text=_(
            "At least 12 characters. Hand it over in person; it is changed under Password."
        ),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        organisation = cast("forms.ModelChoiceField[Organisation]", self.fields["organisation"])
        organisation.queryset = list_organisations().filter(is_active=True)

    def clean_username(self) -> str:
        username: str = self.cleaned_data["username"]
        if list_people().filter(username__iexact=username).exists():
            raise forms.ValidationError(_("This name is taken. Expected a new one."))
        return username

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        password = cleaned.get("password")
        if password:
            try:
                validate_password(password, Person(username=cleaned.get("username", "")))
            except forms.ValidationError as problem:
                self.add_error("password", problem)
        return cleaned


class OrganisationForm(forms.Form):
    """A new organisation of the network."""

    name = forms.CharField(label=_("Name"), max_length=200)
    key = forms.SlugField(
        label=_("Key"),
        max_length=60,
        help_text=_("Short, for machines: small letters, digits and hyphens. It never changes."),
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=OrganisationKind.choices)
    country = forms.CharField(
        label=_("Country"),
        max_length=2,
        required=False,
        help_text=_("Two letters, for instance AT; empty for an international organisation."),
    )

    def clean_key(self) -> str:
        key: str = self.cleaned_data["key"].lower()
        if list_organisations().filter(key=key).exists():
            raise forms.ValidationError(_("An organisation has this key. Expected a new one."))
        return key

    def clean_country(self) -> str:
        return parse_country(self.cleaned_data["country"])


class TokenForm(forms.Form):
    """A new key to the API."""

    label = forms.CharField(
        label=_("What it is for"),
        max_length=80,
        help_text=_("For instance: nightly export to the laboratory system."),
    )
    valid_days = forms.IntegerField(
        label=_("Valid for days"), min_value=1, max_value=730, initial=365
    )


def parse_country(text: str) -> str:
    """Return two capital letters, or an empty text for none; ValidationError otherwise."""
    country = text.strip().upper()
    if country and not _COUNTRY.fullmatch(country):
        raise forms.ValidationError(_("Expected two letters, for instance AT."))
    return country
