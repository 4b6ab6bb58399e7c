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

_IN_TEXT_ONLY = "as-text"
"""A reason for an absent value (data-absent-reason): there is a result, in the narrative alone."""


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
    words = _list_words(values.get("interpretation"))
    if "valueQuantity" in values:
        return _read_quantity(values["valueQuantity"], _read_words(words))
    words += _list_words(values.get("valueCodeableConcept"))
    if isinstance(values.get("valueString"), str):
        words.append(values["valueString"])
    if isinstance(values.get("valueBoolean"), bool):
        return Measured(Detection.DETECTED if values["valueBoolean"] else Detection.NOT_DETECTED)
    if detection := _read_words(words):
        return Measured(detection)
    absent = values.get("dataAbsentReason") or observation.values.get("dataAbsentReason")
    if absent and not words and _IN_TEXT_ONLY not in _list_words(absent):
        return None
    other = next((name for name in values if name.startswith("value")), "no value")
    shown = ", ".join(words)[:80] or other[:80]
    raise BadValueError("bad-result", f"a quantity, or detected or not detected; found {shown!r}")


def _read_quantity(quantity: Any, interpreted: str) -> Measured:
    """Read a quantity; interpreted: what the laboratory says of it in words, empty for nothing.

    Nothing detected is 0, or below a limit where the words say so.
    """
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
    unit, factor = _get_unit(str(quantity.get("code") or quantity.get("unit") or ""))
    amount = Decimal(format((number * factor).normalize(), "f"))
    comparator = quantity.get("comparator")
    if comparator in ("<", "<="):
        is_absent = interpreted == Detection.NOT_DETECTED
        return Measured(
            Detection.NOT_DETECTED if is_absent else Detection.BELOW_LOQ, None, unit, amount
        )
    if comparator:
        raise BadValueError("bad-number", "a measured value, or one below a limit")
    if not amount:
        return Measured(Detection.NOT_DETECTED)
    if interpreted == Detection.NOT_DETECTED:
        raise BadValueError("bad-result", "a quantity or not detected; found both")
    return Measured(Detection.QUANTIFIED, amount, unit)


def _get_unit(code: str) -> tuple[str, Decimal]:
    """The record's unit for one of UCUM, which writes litre l or L, and the factor to it."""
    folded = code.replace("l", "L").replace("µ", "u").replace("\u03bc", "u")
    if folded not in UCUM:
        expected = f"a UCUM unit out of {', '.join(UCUM)}; found {code[:20]!r}"
        raise BadValueError("unknown-unit", expected)
    return UCUM[folded]


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
