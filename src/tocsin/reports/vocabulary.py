"""The closed lists of words that a report uses.

Source: the event record reconstructed from Regulation (EU) 2023/1322, Article 13, and the early
warning system's reporting forms; the identification scales are SWGDRUG's categories and the levels
of Schymanski et al. 2014.
"""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class EventType(TextChoices):
    """What happened that produced the evidence."""

    SEIZURE = "seizure", _("seizure")
    COLLECTED_SAMPLE = "collected-sample", _("collected sample")
    BIOLOGICAL_SAMPLE = "biological-sample", _("biological sample")
    SERIOUS_ADVERSE_EVENT = "serious-adverse-event", _("serious adverse event")
    ONLINE_PURCHASE = "online-purchase", _("online purchase")
    SITE = "site", _("production or dump site")
    WASTEWATER = "wastewater", _("wastewater measurement")
    AGGREGATED = "aggregated-counts", _("aggregated counts of a period")


class Matrix(TextChoices):
    """The kind of material a substance was found in; the specimen itself is free text."""

    BIOLOGICAL = "biological", _("biological sample")
    COLLECTED = "collected", _("collected sample")
    SEIZED = "seized", _("seized material")
    PURCHASED = "purchased", _("purchased item")
    SITE = "site", _("site sample")
    WASTEWATER = "wastewater", _("wastewater")
    UNSPECIFIED = "unspecified", _("unspecified")


MATRIX_OF_EVENT: dict[str, Matrix] = {
    EventType.SEIZURE: Matrix.SEIZED,
    EventType.COLLECTED_SAMPLE: Matrix.COLLECTED,
    EventType.BIOLOGICAL_SAMPLE: Matrix.BIOLOGICAL,
    EventType.SERIOUS_ADVERSE_EVENT: Matrix.BIOLOGICAL,
    EventType.ONLINE_PURCHASE: Matrix.PURCHASED,
    EventType.SITE: Matrix.SITE,
    EventType.WASTEWATER: Matrix.WASTEWATER,
    EventType.AGGREGATED: Matrix.UNSPECIFIED,
}
"""What a finding's matrix is when its row does not say."""


class DatePrecision(TextChoices):
    """How exactly the day of an event is known; the date held is the first day of the period."""

    DAY = "day", _("day")
    WEEK = "week", _("week")
    MONTH = "month", _("month")


class IdentificationLevel(TextChoices):
    """How surely a substance was identified, on the scale the laboratory used."""

    SCHYMANSKI_1 = "schymanski-1", _("level 1: confirmed by reference standard")
    SCHYMANSKI_2A = "schymanski-2a", _("level 2a: library spectrum match")
    SCHYMANSKI_2B = "schymanski-2b", _("level 2b: diagnostic evidence")
    SCHYMANSKI_3 = "schymanski-3", _("level 3: tentative candidates")
    SCHYMANSKI_4 = "schymanski-4", _("level 4: molecular formula")
    SCHYMANSKI_5 = "schymanski-5", _("level 5: exact mass")
    SWGDRUG_MET = "swgdrug-met", _("SWGDRUG minimum met")
    SWGDRUG_NOT_MET = "swgdrug-not-met", _("SWGDRUG minimum not met")
    UNKNOWN = "", _("not stated")


class Unit(TextChoices):
    """Units an amount may be given in."""

    GRAM = "g", "g"
    KILOGRAM = "kg", "kg"
    MILLIGRAM = "mg", "mg"
    MILLILITRE = "ml", "ml"
    LITRE = "l", "l"
    TABLETS = "tablets", _("tablets")
    CAPSULES = "capsules", _("capsules")
    BLOTTERS = "blotters", _("blotters")
    VAPES = "vapes", _("vapes")
    ITEMS = "items", _("items")
    NANOGRAM_PER_MILLILITRE = "ng/ml", "ng/ml"
    MICROGRAM_PER_LITRE = "µg/l", "µg/l"
    MILLIGRAM_PER_LITRE = "mg/l", "mg/l"
    NANOGRAM_PER_LITRE = "ng/l", "ng/l"
    NANOGRAM_PER_GRAM = "ng/g", "ng/g"
    MILLIGRAM_PER_GRAM = "mg/g", "mg/g"
    MILLIGRAM_PER_DAY_PER_1000 = "mg/day/1000", _("mg/day/1,000 inhabitants")
    NONE = "", _("not stated")


ISO_3166 = """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS
    BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE
    EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM
    HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC
    LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA
    NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW
    SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO
    TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW
"""
COUNTRY_CODES = frozenset(ISO_3166.split())
"""ISO 3166-1 alpha-2, and XK, which the European institutions use for Kosovo."""

COUNTRY_OF_NUTS_PREFIX = {"EL": "GR", "UK": "GB"}
"""Where NUTS writes a country otherwise than ISO 3166-1."""
