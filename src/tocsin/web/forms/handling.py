"""Who may see what comes in: a choice that every door for evidence asks for alike."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tocsin.organisations.actors import Actor
from tocsin.organisations.models import Handling
from tocsin.organisations.queries import list_organisations
from tocsin.organisations.services import ensure_handling
from tocsin.organisations.vocabulary import Purpose, TrafficLight


class HandlingForm(forms.Form):
    """TLP level, audience and purposes; by default the own organisation alone."""

    tlp = forms.ChoiceField(
        label=_("TLP level"),
        choices=TrafficLight.choices,
        initial=TrafficLight.AMBER,
        help_text=_("What is TLP:RED is seen by your own organisation only."),
    )
    audience = forms.TypedMultipleChoiceField(
        label=_("Who else may see it"),
        required=False,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Nobody ticked: your own organisation alone."),
    )
    purposes = forms.MultipleChoiceField(
        label=_("For which purposes"),
        choices=Purpose.choices,
        initial=[Purpose.EARLY_WARNING],
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, actor: Actor, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        others = list_organisations().filter(is_active=True).exclude(key=actor.organisation_key)
        set_choices(self, "audience", [(one.pk, one.name) for one in others])
        if not others:
            del self.fields["audience"]

    def ensure_handling(self, actor: Actor) -> Handling:
        """Return the handling that a valid form says, made where it is not held yet."""
        values = self.cleaned_data
        is_red = values["tlp"] == TrafficLight.RED
        return ensure_handling(
            owner_id=actor.organisation_id or 0,
            tlp=values["tlp"],
            audience=[] if is_red else values.get("audience", []),
            purposes=values["purposes"],
        )


def set_choices(form: forms.Form, name: str, choices: list[tuple[Any, Any]]) -> None:
    """Give a field of choices the choices that are known only when the form is made."""
    field = form.fields[name]
    if isinstance(field, forms.ChoiceField):
        field.choices = choices
