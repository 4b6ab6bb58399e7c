"""Controls of a report's forms that write their choices in one go.

Django renders a template for each choice, and a form with several lists of countries has a
thousand.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django import forms
from django.forms.renderers import BaseRenderer
from django.forms.utils import flatatt
from django.utils.functional import Promise
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString

from tocsin.errors import BadQuantityError
from tocsin.reports.record.checks import DIMENSIONS_OF_MATRIX
from tocsin.reports.vocabulary import Matrix
from tocsin.science.quantities import derive_dimension

Choice = tuple[str, str]
Group = tuple[str, tuple[Choice, ...]]


class ChoiceSelect(forms.Select):
    """A list from which one is chosen."""

    tells_materials = False

    def render(
        self,
        name: str,
        value: Any,
        attrs: dict[str, Any] | None = None,
        renderer: BaseRenderer | None = None,
    ) -> SafeString:
        """Return the control as HTML."""
        written = _write_options(_freeze(self.choices), self.tells_materials)
        for chosen in self.format_value(value):
            begins = f'<option value="{escape(chosen)}"'
            written = written.replace(begins, f"{begins} selected", 1)
        attributes = self.build_attrs({"name": name, **self.attrs}, attrs)
        return format_html("<select{}>{}</select>", flatatt(attributes), SafeString(written))


class UnitSelect(ChoiceSelect):
    """A choice of units in which each says the materials it can measure, for the page to use."""

    tells_materials = True


class CheckboxList(forms.CheckboxSelectMultiple):
    """Boxes of which any are ticked."""

    def render(
        self,
        name: str,
        value: Any,
        attrs: dict[str, Any] | None = None,
        renderer: BaseRenderer | None = None,
    ) -> SafeString:
        """Return the controls as HTML."""
        chosen = self.format_value(value)
        shared = self.build_attrs(self.attrs, attrs)
        identifier = shared.pop("id", f"id_{name}")
        boxes = []
        for number, (word, label) in enumerate(self.choices):
            own = {"name": name, "value": word, "id": f"{identifier}_{number}"}
            is_ticked = {"checked": str(word) in chosen}
            boxes.append((own["id"], flatatt({**own, **shared, **is_ticked}), label))
        written = format_html_join(
            "",
            '<div><label for="{}"><input type="checkbox"{}> {}</label></div>',
            boxes,
        )
        return format_html('<div id="{}">{}</div>', identifier, written)


def list_materials(unit: str) -> list[str]:
    """List the materials an amount in a unit can be of; all where it is no unit of the record.

    >>> list_materials("mg/day/1000")
    ['wastewater', 'unspecified']
    """
    try:
        dimension = derive_dimension(unit)
    except BadQuantityError:
        return list(Matrix.values)
    return [
        matrix
        for matrix in Matrix.values
        if dimension in DIMENSIONS_OF_MATRIX.get(matrix, {dimension})
    ]


def _freeze(choices: Iterable[tuple[str | Promise, Any]]) -> tuple[Choice | Group, ...]:
    """Return choices in the words of the language in force, as a key that can be looked up."""
    return tuple(
        (str(one), tuple((str(word), str(label)) for word, label in other))
        if isinstance(other, (list, tuple))
        else (str(one), str(other))
        for one, other in choices
    )


@lru_cache(maxsize=1_024)
def _write_options(choices: tuple[Choice | Group, ...], tells_materials: bool) -> str:
    """Write the options of a list, none of them chosen."""
    return "".join(
        format_html('<optgroup label="{}">{}</optgroup>', one, _write_group(other))
        if isinstance(other, tuple)
        else _write_option(one, other, tells_materials)
        for one, other in choices
    )


def _write_group(choices: tuple[Choice, ...]) -> SafeString:
    return format_html_join("", '<option value="{}">{}</option>', choices)


def _write_option(word: str, label: str, tells_materials: bool) -> SafeString:
    told = {"data-materials": " ".join(list_materials(word))} if tells_materials and word else {}
    return format_html('<option value="{}"{}>{}</option>', word, flatatt(told), label)
