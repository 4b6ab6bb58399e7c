"""What a field of the event record is: its kind of value, and where it applies."""

from dataclasses import dataclass
from enum import StrEnum

from django.db.models import TextChoices
from django.utils.functional import Promise

from tocsin.reports.vocabulary import EventType

Words = str | Promise
"""A text for people: plain, or translated when it is shown."""

ALL = frozenset(EventType.values)
SEIZED = frozenset({EventType.SEIZURE.value})
COLLECTED = frozenset({EventType.COLLECTED_SAMPLE.value, EventType.ONLINE_PURCHASE.value})
POISONED = frozenset({EventType.SERIOUS_ADVERSE_EVENT.value})
PERSONS = POISONED | {EventType.BIOLOGICAL_SAMPLE.value}
SITES = frozenset({EventType.SITE.value})
SEWERS = frozenset({EventType.WASTEWATER.value})
COUNTED = frozenset({EventType.AGGREGATED.value})
THINGS = SEIZED | COLLECTED | SITES
ANALYSED = ALL - COUNTED


class Kind(StrEnum):
    """What sort of value a field takes; see ``tocsin.reports.record.values`` for the types."""

    TEXT = "text"
    LONG_TEXT = "long-text"
    CHOICE = "choice"
    CHOICES = "choices"
    DATE = "date"
    WHOLE_NUMBER = "whole-number"
    DECIMAL = "decimal"
    COUNTRY = "country"
    COUNTRIES = "countries"
    REGION = "region"
    DIGESTS = "digests"


class Level(StrEnum):
    """What a field says something of: the event, or one substance found in one material."""

    EVENT = "event"
    FINDING = "finding"


class Section(StrEnum):
    """The part of a form or a template that a field stands in, in this order."""

    EVENT = "event"
    PLACE = "place"
    SUBSTANCE = "substance"
    MATERIAL = "material"
    MEASUREMENT = "measurement"
    IDENTIFICATION = "identification"
    SEIZURE = "seizure"
    COLLECTION = "collection"
    POISONING = "poisoning"
    TREATMENT = "treatment"
    COUNTS = "counts"
    WASTEWATER = "wastewater"
    SITE = "site"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the event record.

    key: its name in every table, form, schema and interface. events: the types of event it is
    asked for; empty for all. required_in: the types that cannot do without it. vocabulary: the
    words a CHOICE or CHOICES takes. unit: in which a number is given, where the field fixes it.
    most_characters, least, most, decimals: limits of texts and numbers. is_column: held in a
    column of its own in the database, as what lists and counts ask for; the others are held
    together. is_shared: of the material, so that one value holds for each substance of a row.
    is_in_given_unit: a number in the unit that its finding gives, as its amount is.
    """

    key: str
    level: Level
    section: Section
    kind: Kind
    label: Words
    help: Words
    example: str
    events: frozenset[str] = frozenset()
    required_in: frozenset[str] = frozenset()
    vocabulary: type[TextChoices] | None = None
    unit: str = ""
    most_characters: int = 200
    least: int = 0
    most: int = 10**12
    decimals: int = 6
    is_column: bool = False
    is_shared: bool = False
    is_in_given_unit: bool = False

    def applies_to(self, event_type: str) -> bool:
        """Tell whether the field is asked for in events of a type."""
        return not self.events or event_type in self.events

    def is_required_in(self, event_type: str) -> bool:
        """Tell whether an event of a type cannot do without the field."""
        return event_type in self.required_in

    def list_words(self) -> tuple[str, ...]:
        """List the words the field takes, in their order; empty where it is not a choice."""
        if self.vocabulary is None:
            return ()
        return tuple(word for word in self.vocabulary.values if word)
