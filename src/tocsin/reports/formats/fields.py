"""The fields of a report that a table can fill, and the words each accepts."""

from tocsin.reports.vocabulary import (
    DatePrecision,
    EventType,
    IdentificationLevel,
    Matrix,
    Unit,
)

REPORT_FIELDS = (
    "reference",
    "event_type",
    "event_on",
    "event_precision",
    "received_on",
    "reported_on",
    "country",
    "region",
    "local_area",
    "border_post",
    "source",
)
FINDING_FIELDS = (
    "substance",
    "matrix",
    "specimen",
    "amount",
    "unit",
    "purity_percent",
    "technique",
    "identification_level",
    "laboratory",
)
FIELDS = REPORT_FIELDS + FINDING_FIELDS
"""``substance`` fills ``EvidenceFinding.substance_text``; every other field its own name."""

ALWAYS_REQUIRED = ("event_type", "event_on", "country", "substance")
DATE_FIELDS = ("event_on", "received_on", "reported_on")
SHARED_FINDING_FIELDS = (
    "matrix",
    "specimen",
    "technique",
    "identification_level",
    "laboratory",
)
"""One column of these holds for every finding of the row that has no column of its own."""

CLOSED_WORDS: dict[str, tuple[str, ...]] = {
    "event_type": tuple(EventType.values),
    "matrix": tuple(Matrix.values),
    "unit": tuple(value for value in Unit.values if value),
    "identification_level": tuple(value for value in IdentificationLevel.values if value),
    "event_precision": tuple(DatePrecision.values),
}
"""Fields that take only these words."""

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
