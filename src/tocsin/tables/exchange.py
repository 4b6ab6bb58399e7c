"""The toxicology exchange: one row for each substance found in a case, and nobody who stands out.

A case is a serious adverse event or a biological sample. Its columns that others could know (age
band, sex, place, time) are generalised until enough cases share them; its reference is made anew
with a key of this exchange, so that nobody can join it with another output.
"""

import hashlib
import hmac
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any, Final

from tocsin.reports.models import Finding
from tocsin.reports.record.words import AgeBand
from tocsin.science.generalisation import Generalised
from tocsin.tables.periods import Period, get_period
from tocsin.tables.reading import POISONING_EVENTS, Scope, select_findings
from tocsin.tables.vocabulary import Frequency

ANY: Final = "any"
LEFT_OUT: Final = "suppressed"
QUASI_IDENTIFIERS: Final = ("age_band", "sex", "place", "time")
LEVEL_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "age_band": ("band", "wide-band", ANY),
    "sex": ("sex", ANY),
    "place": ("nuts-3", "nuts-2", "nuts-1", "country", ANY),
    "time": ("month", "quarter", "year", ANY),
}
_WIDE_BANDS: Final[Mapping[str, str]] = {
    AgeBand.UNDER_15: "0-24",
    AgeBand.FROM_15: "0-24",
    AgeBand.FROM_25: "25-44",
    AgeBand.FROM_35: "25-44",
    AgeBand.FROM_45: "45+",
    AgeBand.FROM_55: "45+",
    AgeBand.FROM_65: "45+",
}
CASE_FIELDS: Final = (
    "event_type",
    "exposure",
    "seriousness",
    "severity",
    "outcome",
    "route_of_use",
    "setting",
    "signs",
    "naloxone_doses",
    "naloxone_response",
)
"""Fields of the record that describe the case."""
FINDING_FIELDS: Final = (
    "role",
    "sampling_context",
    "sampling_site",
    "detection",
    "amount",
    "unit",
    "lod",
    "loq",
    "identification_level",
)
COLUMNS: Final = (
    "case",
    *QUASI_IDENTIFIERS,
    *CASE_FIELDS,
    "substance",
    "substance_words",
    *FINDING_FIELDS,
    "threshold",
    *(f"{name}_level" for name in QUASI_IDENTIFIERS),
)
"""Headings of the file. Words are those of the event record; lists are separated by semicolons."""


@dataclass(frozen=True, slots=True)
class Case:
    """One case with its findings.

    quasi_identifiers: of each of age band, sex, place and time the values from finest to coarsest.
    """

    report_id: int
    owner_key: str
    report_key: str
    quasi_identifiers: tuple[tuple[str, ...], ...]
    fields: tuple[str, ...]
    findings: tuple[tuple[str, ...], ...]


def read_cases(scope: Scope, period: Period) -> list[Case]:
    """Read the cases of a period from the evidence of a scope, in the order of their reports."""
    findings = (
        select_findings(scope)
        .filter(
            report__event_type__in=POISONING_EVENTS,
            report__event_on__range=(period.starts_on, period.ends_on),
        )
        .select_related("report__owner", "written_name__substance__merged_into", "report__handling")
        .order_by("report_id", "position")
    )
    grouped = groupby(findings.iterator(chunk_size=5_000), key=lambda one: one.report_id)
    return [_derive_case(list(of_report)) for _report, of_report in grouped]


def _derive_case(findings: Sequence[Finding]) -> Case:
    report = findings[0].report
    held = report.details
    return Case(
        report_id=report.pk,
        owner_key=report.owner.key,
        report_key=report.key,
        quasi_identifiers=(
            list_ages(held.get("age_band", AgeBand.UNKNOWN.value)),
            (held.get("sex", "unknown"), ANY),
            list_places(report.country, report.region),
            list_times(report.event_on),
        ),
        fields=(report.event_type, *(_write(held.get(name)) for name in CASE_FIELDS[1:])),
        findings=tuple(_derive_finding(one) for one in findings),
    )


def _derive_finding(finding: Finding) -> tuple[str, ...]:
    substance = finding.written_name.substance
    if substance is not None and substance.merged_into is not None:
        substance = substance.merged_into
    held = finding.details
    return (
        # The text of a name that stands for nothing may say anything: it stays here.
        substance.key if substance is not None else "",
        substance.name if substance is not None else "",
        _write(held.get("role")),
        _write(held.get("sampling_context")),
        _write(held.get("sampling_site")),
        _write(held.get("detection")),
        "" if finding.amount is None else format(finding.amount.normalize(), "f"),
        finding.unit,
        _write(held.get("lod")),
        _write(held.get("loq")),
        finding.identification_level,
    )


def list_ages(band: str) -> tuple[str, ...]:
    """List an age band from the finest to the coarsest.

    >>> list_ages("25-34"), list_ages("unknown")
    (('25-34', '25-44', 'any'), ('unknown', 'unknown', 'any'))
    """
    return (band, _WIDE_BANDS.get(band, band), ANY)


def list_places(country: str, region: str) -> tuple[str, ...]:
    """List a place from its NUTS region at level 3 to its country; a coarser code stays as it is.

    >>> list_places("AT", "AT130")
    ('AT130', 'AT13', 'AT1', 'AT', 'any')
    >>> list_places("AT", "")
    ('AT', 'AT', 'AT', 'AT', 'any')
    """
    code = region or country
    return (code[:5], code[:4], code[:3], country, ANY)


def list_times(day: date) -> tuple[str, ...]:
    """List the month, quarter and year of a day.

    >>> list_times(date(2026, 5, 17))
    ('2026-05', '2026-Q2', '2026', 'any')
    """
    lengths = (Frequency.MONTH, Frequency.QUARTER, Frequency.YEAR)
    return (*(get_period(length, day).code for length in lengths), ANY)


def derive_rows(
    cases: Sequence[Case], generalised: Generalised, *, key: bytes, threshold: int
) -> Iterator[tuple[str, ...]]:
    """Yield the rows of the exchange, in the order of their new references.

    key: of this exchange, 32 bytes. A case that is left out of the generalised columns says so in
    each of them.
    """
    levels = [
        LEVEL_WORDS[name][level]
        for name, level in zip(QUASI_IDENTIFIERS, generalised.levels, strict=True)
    ]
    told = [
        (derive_reference(key, case), case, values or (LEFT_OUT,) * len(QUASI_IDENTIFIERS))
        for case, values in zip(cases, generalised.values, strict=True)
    ]
    for reference, case, values in sorted(told, key=lambda one: one[0]):
        for finding in case.findings:
            yield (reference, *values, *case.fields, *finding, str(threshold), *levels)


def derive_reference(key: bytes, case: Case) -> str:
    """Derive the reference of a case in an exchange: 26 signs of the HMAC-SHA256, base 16.

    Equal for all versions of a report, another one with every other key.
    """
    name = f"{case.owner_key}\0{case.report_key}".encode()
    return hmac.new(key, name, hashlib.sha256).hexdigest()[:26]


def _write(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(value)
    return "" if value is None else str(value)
