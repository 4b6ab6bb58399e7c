"""What one FHIR Observation says: an amount with its unit, or whether anything was found."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from tocsin.errors import BadValueError
from tocsin.reports.formats.fhir.resources import Resource, list_maps
from tocsin.reports.record.words import Detection

MOST_DIGITS = 30
"""Before or after the point; what is written out with more of them is no measured value."""

UCUM: dict[str, tuple[str, Decimal]] = {
    "ng/mL": ("ng/ml", Decimal(1)),
    "ug/L": ("µg/l", Decimal(1)),
    "mg/L": ("mg/l", Decimal(1)),
    "ug/mL": ("mg/l", Decimal(1)),
    "ng/L": ("ng/l", Decimal(1)),
    "pg/mL": ("ng/l", Decimal(1)),
    "mg/dL": ("mg/l", Decimal(10)),
    "ug/dL": ("µg/l", Decimal(10)),
    "g/L": ("mg/l", Decimal(1000)),
    "mg/mL": ("mg/l", Decimal(1000)),
    "g/dL": ("mg/l", Decimal(10_000)),
    "ng/g": ("ng/g", Decimal(1)),
    "ug/kg": ("ng/g", Decimal(1)),
    "ug/g": ("mg/g", Decimal("0.001")),
    "mg/kg": ("mg/g", Decimal("0.001")),
    "mg/g": ("mg/g", Decimal(1)),
    "pg/mg": ("ng/g", Decimal(1)),
    "ng/mg": ("mg/g", Decimal("0.001")),
}
"""Units of UCUM with the record's unit and the exact factor to it. Molar units need a molar mass,
which nobody should have to guess: they are refused."""

_FOUND = frozenset({"260373001", "10828004", "POS", "DET", "positive", "detected", "present"})
_NOT_FOUND = frozenset(
    {"260415000", "260385009", "NEG", "ND", "negative", "not detected", "none detected", "absent"}
)
"""SNOMED CT detected and positive, not detected and negative; HL7 v3 codes; plain words."""

_UNCERTAIN_REASONS = frozenset({"not-performed", "error", "unsupported", "masked", "unknown"})


@dataclass(frozen=True, slots=True)
class Measured:
    """What an Observation says of a substance; detection is empty where it says nothing."""

    detection: str
    amount: Decimal | None = None
    unit: str = ""
    loq: Decimal | None = None


def read_value(observation: Resource, values: Mapping[str, Any]) -> Measured | None:
    """Read the value of an Observation or of one of its components; None where it has no result.

    Raises BadValueError where there is a value that the record cannot hold.
    """
    if "valueQuantity" in values:
        return _read_quantity(values["valueQuantity"])
    words = _list_words(values.get("valueCodeableConcept"))
    words += _list_words(values.get("interpretation"))
    if isinstance(values.get("valueString"), str):
        words.append(values["valueString"])
    if isinstance(values.get("valueBoolean"), bool):
        return Measured(Detection.DETECTED if values["valueBoolean"] else Detection.NOT_DETECTED)
    if detection := _read_words(words):
        return Measured(detection)
    if not words and (
        observation.get_text("dataAbsentReason", "coding", "code") in _UNCERTAIN_REASONS
        or values.get("dataAbsentReason")
    ):
        return None
    shown = ", ".join(words)[:80] or "no value"
    raise BadValueError("bad-result", f"a quantity, or detected or not detected; found {shown!r}")


def _read_quantity(quantity: Any) -> Measured:
    if not isinstance(quantity, Mapping):
        raise BadValueError("bad-result", "a quantity with a value and a unit")
    raw = quantity.get("value")
    try:
        number = Decimal(str(raw))
    except InvalidOperation:
        number = Decimal("NaN")
    if isinstance(raw, bool) or raw is None or not number.is_finite() or number < 0:
        raise BadValueError("bad-number", "a value of 0 or more")
    if number and abs(number.adjusted()) > MOST_DIGITS:
        raise BadValueError("bad-number", f"a value of at most {MOST_DIGITS} digits")
    code = str(quantity.get("code") or quantity.get("unit") or "")
    if code not in UCUM:
        expected = f"a UCUM unit out of {', '.join(UCUM)}; found {code[:20]!r}"
        raise BadValueError("unknown-unit", expected)
    unit, factor = UCUM[code]
    amount = Decimal(format((number * factor).normalize(), "f"))
    comparator = quantity.get("comparator")
    if comparator in ("<", "<="):
        return Measured(Detection.BELOW_LOQ, None, unit, amount)
    if comparator in (">", ">="):
        raise BadValueError("bad-number", "a measured value, not a lower bound")
    return Measured(Detection.QUANTIFIED, amount, unit)


def _list_words(concept: Any) -> list[str]:
    words: list[str] = []
    for one in list_maps(concept):
        words += [text for text in (one.get("text"),) if isinstance(text, str)]
        for coding in list_maps(one.get("coding")):
            held = (coding.get("code"), coding.get("display"))
            words += [text for text in held if isinstance(text, str)]
    return words


def _read_words(words: list[str]) -> str:
    folded = {word.strip().casefold() for word in words}
    if folded & {word.casefold() for word in _NOT_FOUND}:
        return str(Detection.NOT_DETECTED)
    return str(Detection.DETECTED) if folded & {word.casefold() for word in _FOUND} else ""
