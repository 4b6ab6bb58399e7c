"""Matching the columns of a file: a form made for its headings, and the profile it leads to."""

import hashlib
from collections import defaultdict
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tocsin.errors import BadHeadingError, BadProfileError
from tocsin.reports.formats.cells import Refusal, make_cell_reader
from tocsin.reports.formats.fields import CLOSED_WORDS, FINDING_FIELDS, GROUP_FIELD
from tocsin.reports.formats.guess import guess_profile
from tocsin.reports.formats.layout import normalise_heading, split_finding_number
from tocsin.reports.formats.profiles import PROFILE_NAME, Profile, check_profile, load_profile
from tocsin.reports.record import RECORD, Kind
from tocsin.reports.services import FilePreview, require_profile_fits
from tocsin.reports.vocabulary import EventType
from tocsin.web.forms.handling import set_choices

UNSAVED_NAME = "matched-by-hand"
SAMPLES_SHOWN = 4
MOST_WORDS = 40
FIELD_WORDS = {
    **{field.key: field.label for field in RECORD},
    "reference": _("reference (sample or case number)"),
    GROUP_FIELD: _("number of the event, where it has several rows"),
}
"""What a column can mean: every field of the record, in its order, and what groups rows."""

WORDS_OF_FIELD: dict[str, list[tuple[str, Any]]] = {
    field.key: [choice for choice in field.vocabulary.choices if choice[0]]
    for field in RECORD
    if field.kind is Kind.CHOICE and field.vocabulary is not None
}
KNOWN_WORDS_FROM = ("laboratory_workbook", "generic")


class MatchForm(forms.Form):
    """What each column means, and how its cells are written; the profile is its outcome."""

    event_type = forms.ChoiceField(label=_("Type of event, where no column says"), required=False)
    country = forms.CharField(
        label=_("Country, where no column says"),
        required=False,
        max_length=2,
        help_text=_("Two letters, such as AT."),
    )
    date_formats = forms.CharField(
        label=_("How dates are written"),
        help_text=_("Such as DD.MM.YYYY; several with commas between them."),
    )
    decimal_mark = forms.ChoiceField(
        label=_("Decimal mark"), choices=[(",", _("comma")), (".", _("point"))]
    )
    separator = forms.CharField(
        label=_("Sign between several substances in one cell"), required=False, max_length=3
    )
    name = forms.CharField(
        label=_("Keep as a profile under the name"),
        required=False,
        max_length=60,
        help_text=_("Small letters, digits and hyphens. Left empty: for this file only."),
    )

    def __init__(self, preview: FilePreview, data: Any = None) -> None:
        guess = guess_profile(preview.headings, [row.cells for row in preview.rows])
        initial = {
            "date_formats": ", ".join(guess.date_formats),
            "decimal_mark": guess.decimal_mark,
            "separator": guess.separator,
            **{f"column-{place}": match.field for place, match in enumerate(guess.matches)},
        }
        super().__init__(data, initial=initial)
        self.preview = preview
        self.reasons = [match.reason for match in guess.matches]
        self.profile: Profile | None = None
        self.word_fields: list[str] = []
        set_choices(self, "event_type", [("", gettext("– a column says –")), *EventType.choices])
        for place, heading in enumerate(preview.headings):
            self.fields[f"column-{place}"] = forms.ChoiceField(
                label=heading or gettext("column %(number)d") % {"number": place + 1},
                required=False,
                choices=[("", gettext("– not used –")), *FIELD_WORDS.items()],
            )
        if self.is_bound:
            self._add_word_fields()

    def list_columns(self) -> list[dict[str, Any]]:
        """Return each column of the file with its first cells, its field and why it is proposed."""
        return [
            {
                "field": self[f"column-{place}"],
                "reason": reason,
                "samples": [
                    row.cells[place]
                    for row in self.preview.rows[:SAMPLES_SHOWN]
                    if place < len(row.cells) and row.cells[place].strip()
                ],
            }
            for place, reason in enumerate(self.reasons)
        ]

    def list_settings(self) -> list[forms.BoundField]:
        """Return the fields about the file as a whole."""
        return [self[name] for name in type(self).base_fields]

    def list_words(self) -> list[forms.BoundField]:
        """Return a field for each word of the file that Tocsin does not know."""
        return [self[name] for name in self.word_fields]

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"].strip()
        if name and not PROFILE_NAME.match(name):
            raise forms.ValidationError(_("Use small letters, digits and hyphens."))
        return name

    def clean_country(self) -> str:
        return str(self.cleaned_data["country"]).strip().upper()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        try:
            profile = self._build_profile(cleaned)
            check_profile(profile)
            require_profile_fits(self.preview, profile)
        except (BadProfileError, BadHeadingError) as error:
            raise forms.ValidationError(str(error)) from error
        self.profile = profile
        asked = [name for name in self.word_fields if name not in self.data]
        if asked:
            raise forms.ValidationError(
                gettext(
                    "Say what the words at the end mean, or leave them: their rows are refused."
                )
            )
        return cleaned

    def _build_profile(self, cleaned: dict[str, Any]) -> Profile:
        constants = {key: value for key in ("event_type", "country") if (value := cleaned.get(key))}
        values = _list_known_words()
        for name in self.word_fields:
            key, word = self.fields[name].widget.attrs["data-field"], self.fields[name].label
            if cleaned.get(name):
                values[key][str(word)] = cleaned[name]
        return Profile(
            name=cleaned.get("name") or UNSAVED_NAME,
            columns=self._list_columns_by_field(cleaned),
            constants=constants,
            values=values,
            date_formats=tuple(
                form.strip() for form in cleaned["date_formats"].split(",") if form.strip()
            ),
            decimal_mark=cleaned["decimal_mark"],
            separator=cleaned.get("separator") or "",
        )

    def _list_columns_by_field(self, cleaned: dict[str, Any]) -> dict[str, tuple[str, ...]]:
        """Return field to headings; numbered headings of a finding count as one."""
        chosen: dict[str, list[str]] = defaultdict(list)
        for place, heading in enumerate(self.preview.headings):
            if key := cleaned.get(f"column-{place}"):
                chosen[key].append(heading)
        columns: dict[str, tuple[str, ...]] = {}
        for key, headings in chosen.items():
            if len(headings) == 1:
                columns[key] = (headings[0],)
                continue
            parts = [split_finding_number(normalise_heading(heading)) for heading in headings]
            bases, numbers = {base for base, _number in parts}, {number for _base, number in parts}
            if key not in FINDING_FIELDS or len(bases) > 1 or len(numbers) < len(parts):
                raise BadProfileError(
                    gettext(
                        "%(field)s: chosen for %(headings)s; expected one column, or columns that "
                        "differ only in a closing number, such as “Substance 1” and “Substance 2”"
                    )
                    % {"field": FIELD_WORDS[key], "headings": ", ".join(headings)}
                )
            columns[key] = (bases.pop(),)
        return columns

    def _add_word_fields(self) -> None:
        for key, words in self._list_unknown_words().items():
            for word in words:
                name = f"word-{key}-{hashlib.sha256(word.encode()).hexdigest()[:12]}"
                self.word_fields.append(name)
                self.fields[name] = forms.ChoiceField(
                    label=word,
                    required=False,
                    help_text=str(FIELD_WORDS[key]),
                    choices=[("", gettext("– leave: refuse its rows –")), *WORDS_OF_FIELD[key]],
                    widget=forms.Select(attrs={"data-field": key}),
                )

    def _list_unknown_words(self) -> dict[str, list[str]]:
        """Return by field what stands in columns of closed words and is none of them."""
        known = _list_known_words()
        unknown: dict[str, list[str]] = {}
        for place in range(len(self.preview.headings)):
            key = str(self.data.get(f"column-{place}", ""))
            if key not in CLOSED_WORDS:
                continue
            read = make_cell_reader(Profile(name="words", columns={}, values=known), key)
            cells = {
                row.cells[place].strip() for row in self.preview.rows if place < len(row.cells)
            }
            refused = [cell for cell in cells if cell and isinstance(read(cell), Refusal)]
            unknown.setdefault(key, []).extend(sorted(refused)[:MOST_WORDS])
        return unknown


def _list_known_words() -> dict[str, dict[str, str]]:
    known: dict[str, dict[str, str]] = {key: {} for key in CLOSED_WORDS}
    for name in KNOWN_WORDS_FROM:
        for key, words in load_profile(name).values.items():
            known.setdefault(key, {}).update(words)
    return {key: dict(words) for key, words in known.items()}
