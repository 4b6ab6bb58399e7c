"""The event record: its fields agree with each other, its values come through every form unchanged."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.errors import BadValueError
from tocsin.reports.evidence import EvidenceFinding, EvidenceReport
from tocsin.reports.record import RECORD, Kind, get_field, list_fields
from tocsin.reports.record.checks import Misfit, find_misfits
from tocsin.reports.record.json_schema import build_example
from tocsin.reports.record.slips import find_likely_slips
from tocsin.reports.record.values import (
    check_value,
    format_value,
    from_plain,
    make_details,
    parse_value,
    to_plain,
)
from tocsin.reports.record.words import Technique
from tocsin.reports.vocabulary import EventType, Unit
from tocsin.science.identification import CATEGORY_A, CATEGORY_B, CATEGORY_C
from tocsin.science.quantities import derive_dimension


def test_every_example_is_a_value_of_its_field() -> None:
    for field in RECORD:
        value = parse_value(field, field.example)
        assert value is not None, field.key
        assert parse_value(field, format_value(value)) == value, field.key


def test_keys_are_unique_and_choices_have_words() -> None:
    keys = [field.key for field in RECORD]
    assert len(keys) == len(set(keys))
    for field in RECORD:
        assert bool(field.list_words()) == (field.kind in (Kind.CHOICE, Kind.CHOICES)), field.key


def test_a_poisoning_is_not_asked_where_it_was_hidden() -> None:
    keys = {field.key for field in list_fields(EventType.SERIOUS_ADVERSE_EVENT)}
    assert {"severity", "naloxone_doses", "role", "lod", "age_band"} <= keys
    assert not {"concealment", "site_kind", "population_served", "case_count"} & keys


def test_every_technique_has_a_category_and_every_unit_a_dimension() -> None:
    assert set(Technique.values) == CATEGORY_A | CATEGORY_B | CATEGORY_C
    for unit in filter(None, Unit.values):
        assert derive_dimension(unit)


@pytest.mark.parametrize(
    ("key", "text", "expected"),
    [
        ("severity", "5", ("unknown-severity", "one of 0, 1, 2, 3, 4")),
        ("naloxone_doses", "two", ("bad-number", "a whole number from 0 to 100")),
        ("naloxone_doses", "101", ("bad-number", "a whole number from 0 to 100")),
        ("lod", "-1", ("bad-number", "a number from 0 to 1,000,000,000,000")),
        ("lod", "NaN", ("bad-number", "a number such as 12.5")),
        ("lod", "1_000", ("bad-number", "a number such as 12.5")),
        ("lod", "４０", ("bad-number", "a number such as 12.5")),
        ("lod", "1e9999", ("bad-number", "a number from 0 to 1,000,000,000,000")),
        ("lod", "1e-9", ("bad-number", "at most 6 decimals")),
        ("transit_countries", "NL; XX", ("bad-country", "two letters of ISO 3166-1, such as DE")),
        ("period_end", "30.06.2026", ("bad-date", "a date such as 2026-03-02")),
        ("spectra", "abc", ("bad-digest", "a SHA-256 of 64 hexadecimal digits")),
        ("colour", "x" * 81, ("too-long", "at most 80 characters")),
        ("note", "a\0b", ("unreadable-character", "text")),
    ],
)
def test_a_value_that_is_none_says_what_was_expected(
    key: str, text: str, expected: tuple[str, str]
) -> None:
    with pytest.raises(BadValueError) as caught:
        parse_value(get_field(key), text)
    assert (caught.value.problem, caught.value.expected) == expected


def test_words_are_taken_by_their_label_and_kept_in_the_order_of_the_list() -> None:
    signs = get_field("signs")
    assert parse_value(signs, "Small pupils; respiratory-depression; miosis") == (
        "respiratory-depression",
        "miosis",
    )
    assert parse_value(get_field("origin_country"), "el") == "GR"
    lod = get_field("lod")
    assert check_value(lod, Decimal("0.500")) == Decimal("0.5")
    assert [format_value(parse_value(lod, text)) for text in ("1e5", "5.", ".5", "-0")] == [
        "100000",
        "5",
        "0.5",
        "0",
    ]


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "lod": st.decimals(0, 10**6, places=6).map(
                lambda number: Decimal(format(number.normalize(), "f"))
            ),
            "naloxone_doses": st.integers(0, 100),
            "signs": st.sampled_from([("miosis",), ("unconsciousness", "miosis")]),
            "period_end": st.dates(date(1900, 1, 1), date(2100, 1, 1)),
            "note": st.text(min_size=1).filter(lambda text: "\0" not in text),
        },
    )
)
def test_details_come_back_from_json_as_they_were(values: dict[str, object]) -> None:
    details = make_details(values)  # type: ignore[arg-type]
    assert from_plain(to_plain(details)) == details


def _poisoning(**details: object) -> EvidenceReport:
    return EvidenceReport(
        "serious-adverse-event",
        date(2026, 3, 2),
        "AT",
        (EvidenceFinding("fentanyl", "biological", specimen="blood"),),
        details=make_details(details),  # type: ignore[arg-type]
    )


def test_fields_of_other_events_and_two_sole_causes_do_not_fit() -> None:
    assert find_misfits(_poisoning(severity="3")) == ()
    assert find_misfits(_poisoning(concealment="parcel")) == (
        Misfit(
            "concealment",
            "not-for-this-event",
            "nothing: the field is not for events of the type serious-adverse-event",
        ),
    )
    causes = tuple(
        EvidenceFinding(name, "biological", details=(("role", role),))
        for name, role in (("fentanyl", "sole"), ("ethanol", "contributory"))
    )
    report = EvidenceReport("serious-adverse-event", date(2026, 3, 2), "AT", causes)
    assert find_misfits(report) == (
        Misfit("role", "two-causes", "no other cause beside a sole cause"),
    )


@pytest.mark.parametrize(
    ("event_type", "matrix", "unit", "fits"),
    [
        ("serious-adverse-event", "biological", "ng/ml", True),
        ("serious-adverse-event", "biological", "ng/g", True),
        ("serious-adverse-event", "biological", "g", False),
        ("seizure", "seized", "tablets", True),
        ("seizure", "seized", "ng/ml", False),
        ("wastewater", "wastewater", "mg/day/1000", True),
        ("wastewater", "wastewater", "g", False),
        ("seizure", "unspecified", "ng/ml", True),
        ("aggregated-counts", "unspecified", "kg", True),
        ("aggregated-counts", "unspecified", "ng/ml", False),
        ("aggregated-counts", "wastewater", "mg/day/1000", False),
    ],
)
def test_an_amount_of_the_wrong_dimension_is_refused(
    event_type: str, matrix: str, unit: str, fits: bool
) -> None:
    finding = EvidenceFinding("fentanyl", matrix, amount=Decimal(2), unit=unit)
    ends = {"period_end": date(2026, 3, 31)} if event_type == "aggregated-counts" else {}
    details = make_details(ends)
    report = EvidenceReport(event_type, date(2026, 3, 2), "AT", (finding,), details=details)
    found = [(one.field, one.code, one.finding) for one in find_misfits(report)]
    assert found == ([] if fits else [("unit", "wrong-dimension", 0)])


def test_limits_and_periods_are_in_order() -> None:
    limits = make_details({"lod": Decimal(3), "loq": Decimal(2), "detection": "not-detected"})
    finding = EvidenceFinding("x", "biological", "blood", Decimal(1), "ng/ml", details=limits)
    report = EvidenceReport("biological-sample", date(2026, 3, 2), "AT", (finding,))
    assert [(one.code, one.expected) for one in find_misfits(report)] == [
        ("bad-limits", "at most the limit of quantification, 2"),
        ("not-detected", "no amount of what was not detected"),
    ]
    amounts = make_details({"smallest_amount": Decimal(9), "largest_amount": Decimal(8)})
    counts = EvidenceReport(
        "aggregated-counts",
        date(2026, 7, 1),
        "AT",
        (EvidenceFinding("x", "unspecified", unit="g", details=amounts),),
        details=make_details({"period_end": date(2026, 6, 30)}),
    )
    assert [one.expected for one in find_misfits(counts)] == [
        "a day on or after 2026-07-01",
        "at most the largest amount, 8",
    ]
    without_end = EvidenceReport(
        "aggregated-counts", date(2026, 7, 1), "AT", (EvidenceFinding("x", "unspecified"),)
    )
    assert [(one.field, one.code) for one in find_misfits(without_end)] == [
        ("period_end", "missing")
    ]


def _slips(event_type: str, finding: EvidenceFinding, **details: object) -> list[tuple[str, str]]:
    report = EvidenceReport(
        event_type,
        date(2026, 3, 2),
        "AT",
        (finding,),
        details=make_details(details),  # type: ignore[arg-type]
    )
    assert find_misfits(report) == ()
    return [(one.field, one.code) for one in find_likely_slips(report)]


def test_forty_grams_of_tablets_are_asked_about_and_forty_kilograms_are_not() -> None:
    form = make_details({"physical_form": "tablet"})
    for unit, expected in (("g", [("amount", "small-amount")]), ("kg", [])):
        finding = EvidenceFinding("x", "seized", amount=Decimal(40), unit=unit, details=form)
        assert _slips("seizure", finding) == expected
    huge = EvidenceFinding("x", "seized", amount=Decimal(4_000), unit="kg", details=form)
    assert _slips("seizure", huge) == [("amount", "large-amount")]
    blotters = EvidenceFinding("x", "seized", amount=Decimal("2.5"), unit="blotters", details=form)
    assert _slips("seizure", blotters) == [("amount", "broken-count"), ("unit", "other-form")]
    assert _slips("seizure", EvidenceFinding("x", "seized", amount=Decimal(4))) == [
        ("unit", "missing")
    ]


def test_post_mortem_without_matrix_and_outcomes_that_disagree_are_asked_about() -> None:
    after_death = EvidenceFinding(
        "x", "biological", details=make_details({"sampling_context": "post-mortem"})
    )
    assert _slips("serious-adverse-event", after_death, outcome="recovered") == [
        ("specimen", "missing"),
        ("sampling_context", "fatal-outcome"),
    ]
    blood = EvidenceFinding("x", "biological", specimen="blood")
    assert _slips("serious-adverse-event", blood, severity="4", outcome="recovered") == [
        ("outcome", "fatal-outcome")
    ]
    assert _slips("serious-adverse-event", blood, severity="2", outcome="death") == [
        ("severity", "fatal-outcome")
    ]
    assert _slips("serious-adverse-event", blood, naloxone_response="full") == [
        ("naloxone_doses", "missing")
    ]
    assert _slips("serious-adverse-event", blood, naloxone_doses=40) == [
        ("naloxone_doses", "large-number")
    ]
    bare = EvidenceFinding("x", "biological")
    assert _slips("biological-sample", bare) == [("specimen", "missing")]


def test_days_out_of_order_are_asked_about() -> None:
    report = EvidenceReport(
        "seizure",
        date(2026, 3, 2),
        "AT",
        (EvidenceFinding("x", "seized"),),
        received_on=date(2026, 3, 1),
        reported_on=date(2026, 2, 28),
    )
    assert [(one.field, one.code) for one in find_likely_slips(report)] == [
        ("received_on", "before-event"),
        ("reported_on", "before-receipt"),
    ]


def test_an_example_names_every_field_that_applies() -> None:
    for event_type in EventType.values:
        example = build_example(event_type)
        keys = {key for key in example if key != "findings"} | set(example["findings"][0])
        assert keys == {field.key for field in list_fields(event_type)}


def test_what_was_not_found_and_counts_over_a_period_are_no_findings_of_a_week() -> None:
    looked_for = EvidenceFinding("x", "biological", details=(("detection", "not-detected"),))
    found = EvidenceFinding("x", "biological")
    event = EvidenceReport("biological-sample", date(2026, 3, 2), "AT", (looked_for, found))
    assert [event.is_counted(one) for one in event.findings] == [False, True]
    counts = EvidenceReport("aggregated-counts", date(2026, 3, 2), "AT", (found,))
    assert not counts.is_counted(found)
