"""The closed lists of words of tables.

Codes of status are named after SDMX's cross-domain lists CL_OBS_STATUS and CL_CONF_STATUS; the
latter's N and C as in the SDMX guidelines for confidentiality and embargo (2018).
"""

from typing import TYPE_CHECKING, Final

from django.db.models import TextChoices
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tocsin.reports.countries import name_country

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

TOTAL: Final = "_T"
"""Everything of a dimension together."""
UNKNOWN: Final = "_U"
"""Not stated; of a substance: a name that stands for nothing in the register."""
NOT_APPLICABLE: Final = "_Z"
CLASS_PREFIX: Final = "CLASS_"
"""Before the key of a class; keys of substances are in small letters."""


def name_place(country: str) -> str:
    """Return the name of a country, or of all places where none is given."""
    return name_country(country) if country else gettext("all places")


class Frequency(TextChoices):
    """How long a reporting period is."""

    MONTH = "month", _("month")
    QUARTER = "quarter", _("quarter")
    HALF_YEAR = "half-year", _("half-year")
    YEAR = "year", _("year")


class TableKind(TextChoices):
    """What a table holds."""

    AGGREGATED = "aggregated-table", _("aggregated table")
    TOXICOLOGY = "toxicology-exchange", _("toxicology exchange")


class TableState(TextChoices):
    """How far a table is."""

    DRAFT = "draft", _("draft")
    RELEASED = "released", _("released")
    REPLACED = "replaced", _("replaced")
    WITHDRAWN = "withdrawn", _("withdrawn")
    DISCARDED = "discarded", _("discarded")
    ERASED = "erased", _("erased")


class Indicator(TextChoices):
    """What an observation is the number of."""

    SEIZURES = "SEIZURES", _("seizures")
    POISONINGS = "POISONINGS", _("poisonings, deaths included")
    DEATHS = "DEATHS", _("deaths")
    NON_FATAL = "NON_FATAL", _("poisonings without a known death")
    MASS = "MASS", _("amount seized (g)")
    VOLUME = "VOLUME", _("amount seized (ml)")
    TABLETS = "TABLETS", _("tablets seized")
    CAPSULES = "CAPSULES", _("capsules seized")
    BLOTTERS = "BLOTTERS", _("blotters seized")
    VAPES = "VAPES", _("vapes seized")
    ITEMS = "ITEMS", _("items seized")
    PURITY_LOW = "PURITY_LOW", _("lowest purity (%)")
    PURITY_HIGH = "PURITY_HIGH", _("highest purity (%)")


UNIT_OF_INDICATOR: dict[str, str] = {
    Indicator.SEIZURES: "CASES",
    Indicator.POISONINGS: "CASES",
    Indicator.DEATHS: "CASES",
    Indicator.NON_FATAL: "CASES",
    Indicator.MASS: "G",
    Indicator.VOLUME: "ML",
    Indicator.TABLETS: "TABLETS",
    Indicator.CAPSULES: "CAPSULES",
    Indicator.BLOTTERS: "BLOTTERS",
    Indicator.VAPES: "VAPES",
    Indicator.ITEMS: "ITEMS",
    Indicator.PURITY_LOW: "PERCENT",
    Indicator.PURITY_HIGH: "PERCENT",
}
UNIT_WORDS: dict[str, "StrOrPromise"] = {
    "CASES": _("cases"),
    "G": _("gram"),
    "ML": _("millilitre"),
    "TABLETS": _("tablets"),
    "CAPSULES": _("capsules"),
    "BLOTTERS": _("blotters"),
    "VAPES": _("vapes"),
    "ITEMS": _("items"),
    "PERCENT": _("percent"),
}
AMOUNTS: dict[str, str] = {
    "g": Indicator.MASS,
    "ml": Indicator.VOLUME,
    "tablets": Indicator.TABLETS,
    "capsules": Indicator.CAPSULES,
    "blotters": Indicator.BLOTTERS,
    "vapes": Indicator.VAPES,
    "items": Indicator.ITEMS,
}
"""The unit that amounts are added up in, and the indicator of their sum."""


class Status(TextChoices):
    """Whether there is a value, and if not, why."""

    VALUE = "A", _("value")
    MISSING = "O", _("missing: nobody reported it")
    SUPPRESSED = "Q", _("suppressed")


class Confidentiality(TextChoices):
    """Who may see an observation."""

    FREE = "F", _("free")
    INTERNAL = "N", _("not for publication")
    CONFIDENTIAL = "C", _("confidential: hidden so that nobody can be told")
