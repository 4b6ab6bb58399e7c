"""One signal's page: its chart with what is to come, places, company, and earlier emergences."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.web.response_examples import (
    HEADINGS,
    confirm,
    count_queries,
    days_ago,
    get_first,
    make_content,
    read,
    write_row,
)
from tocsin.alerts.services import ask_release, draft_alert, release_alert
from tocsin.organisations.services import ensure_handling
from tocsin.pipeline import run_detection
from tocsin.reports.evidence import EvidenceFinding, EvidenceReport
from tocsin.reports.queries import list_reports
from tocsin.reports.services import record_report, retract_report
from tocsin.signals.models import Signal
from tocsin.signals.rarity import RAREST_WEEKS
from tocsin.substances.models import Substance
from tocsin.substances.queries import get_substance
from tocsin.web.signal_places import MOST_AREAS
from tocsin.web.signal_series import draw_series

Enter = Callable[[str], Client]
TakeIn = Callable[..., Any]


def hold_together(network: Any, *substances: str, days: int, reference: str) -> None:
    """One sample with several substances, of the node's own."""
    handling = ensure_handling(owner_id=network.own.pk, tlp="AMBER")
    findings = tuple(EvidenceFinding(name, "seized") for name in substances)
    report = EvidenceReport("seizure", days_ago(days), "AT", findings, reference=reference)
    record_report(network.actor("analyst"), handling, report)


def make_rise(**series: Any) -> Signal:
    """A rise as it would be kept, not stored: for what is drawn of it."""
    return Signal(
        substance=Substance(key="protonitazene", name="Protonitazene"),
        kind="spike",
        matrix="seized",
        country="AT",
        on=days_ago(7),
        last_on=days_ago(7),
        facts={"window_weeks": 4},
        series={"first_week": "2026-09-07", "counts": [0, 1, 2, 4], **series},
    )


@pytest.fixture
def two_emergences(network: Any, take_in: TakeIn) -> tuple[Signal, Signal]:
    """Metonitazene 60 weeks ago with an alert since, protonitazene last week; heroin before."""
    take_in(
        HEADINGS
        + write_row("A0", days_ago(7 * 100), "heroin")
        + write_row("A1", days_ago(7 * 60), "metonitazene")
        + write_row("A2", days_ago(7 * 50), "metonitazene")
        + write_row("A3", days_ago(9), "protonitazene")
    )
    analyst = network.actor("analyst")
    return get_first(analyst, "metonitazene"), get_first(analyst, "protonitazene")


def test_estimates_of_weeks_still_filling_are_drawn_beside_what_was_reported() -> None:
    chart = draw_series(
        make_rise(
            nowcast={
                "from_week": "2026-09-21",
                "expected": [2.5, 6],
                "lower": [2, 4],
                "upper": [4, 9],
            }
        )
    )

    assert chart is not None
    assert chart.table_headings[2:] == [
        "Estimated when all reports are in",
        "Interval of the estimate",
    ]
    assert [row[1:] for row in chart.table_rows] == [
        [0, None, None],
        [1, None, None],
        [2, 2.5, "2–4"],
        [4, 6, "4–9"],
    ]
    assert "nowcast" in {entry.mark for entry in chart.key}


def test_estimates_of_a_window_add_up_what_is_to_come_of_its_weeks() -> None:
    # To come: 0.5 (0 to 2) of the third week, 2 (0 to 5) of the fourth, whose window has both.
    chart = draw_series(
        make_rise(
            window_counts=[0, 1, 3, 7],
            nowcast={
                "from_week": "2026-09-21",
                "expected": [2.5, 6],
                "lower": [2, 4],
                "upper": [4, 9],
            },
        )
    )

    assert chart is not None
    assert [row[1:] for row in chart.table_rows][2:] == [[3, 3.5, "3–5"], [7, 9.5, "7–14"]]


def test_threshold_that_is_not_one_of_cases_is_not_drawn() -> None:
    chart = draw_series(
        make_rise(
            expected=[None, 0.5, 0.5, 0.6], thresholds=[None] * 4, alarms=[False] * 3 + [True]
        )
    )

    assert chart is not None
    assert chart.table_headings == ["Week from", "Observed", "Expected", "Alarm"]
    assert [entry.mark for entry in chart.key] == ["observed", "alarm", "expected"]


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        pytest.param(3.0, "threshold", id="of the week"),
        pytest.param(5.0, "threshold, for the findings of several weeks together", id="of several"),
    ],
)
def test_key_says_what_the_threshold_is_one_of(limit: float, words: str) -> None:
    chart = draw_series(
        make_rise(expected=[0.5] * 4, thresholds=[limit] * 4, alarms=[False] * 3 + [True])
    )

    assert chart is not None
    assert [entry.words for entry in chart.key if entry.mark == "threshold"] == [words]


def test_signal_without_a_series_has_no_chart() -> None:
    signal = make_rise()
    signal.series = {}

    assert draw_series(signal) is None


def test_places_are_a_map_and_the_areas_of_the_country(
    enter: Enter, network: Any, take_in: TakeIn
) -> None:
    take_in(
        HEADINGS
        + write_row("A1", days_ago(9), "protonitazene")
        + write_row("A2", days_ago(8), "protonitazene")
        + write_row("A3", days_ago(5), "protonitazene", area="Graz")
        + write_row("A4", days_ago(5), "protonitazene", country="DE", area="Bayern")
        + write_row("A5", days_ago(5), "heroin", country="FR", area="Lille")
    )
    signal = get_first(network.actor("analyst"), "protonitazene")

    text = read(enter("analyst"), f"/signals/{signal.pk}/")

    assert "<title>Austria: 3</title>" in text
    assert "<title>Germany: 1</title>" in text
    assert "<title>France: 0</title>" in text
    assert "<title>Spain: not reported</title>" in text
    assert "tile--here" in text
    assert 'Wien<svg class="bar"' in text
    assert '<rect width="100" height="8"/>' in text
    assert '<rect width="50" height="8"/>' in text
    assert "style=" not in text


def test_countries_without_a_tile_are_bars_instead_of_an_empty_map(
    enter: Enter, network: Any, take_in: TakeIn
) -> None:
    take_in(HEADINGS + write_row("A1", days_ago(9), "xylazine", country="US", area="Hartford"))
    signal = get_first(network.actor("analyst"), "xylazine")

    text = read(enter("analyst"), f"/signals/{signal.pk}/")

    assert "tile-map" not in text
    assert 'US<svg class="bar"' in text
    assert 'Hartford<svg class="bar"' in text


def test_many_areas_are_cut_and_the_rest_is_counted(
    enter: Enter, network: Any, take_in: TakeIn
) -> None:
    rows = [
        write_row(f"A{number}", days_ago(9), "protonitazene", area=f"Area {number}")
        for number in range(MOST_AREAS + 2)
    ]
    take_in(HEADINGS + "".join(rows))
    signal = get_first(network.actor("analyst"), "protonitazene")

    text = read(enter("analyst"), f"/signals/{signal.pk}/")

    assert text.count('<svg class="bar"') == MOST_AREAS
    assert "and 2 more areas with 2 findings" in text


def test_what_else_was_found_is_told_with_what_chance_would_give(
    enter: Enter, network: Any, take_in: TakeIn
) -> None:
    take_in(HEADINGS + write_row("A1", days_ago(60), "protonitazene"))
    for number in range(3):
        hold_together(network, "protonitazene", "xylazine", days=5, reference=f"B{number}")
    run_detection()
    signal = get_first(network.actor("analyst"), "protonitazene")

    text = read(enter("analyst"), f"/signals/{signal.pk}/")

    assert "What else was found with it" in text
    assert '<a href="/substances/xylazine/">Xylazine</a>' in text
    assert "new combination" in text
    assert "in week" not in text.split("What else was found with it")[1].split("</section>")[0]


def test_alone_and_invisible_company_are_told_apart(
    enter: Enter, network: Any, take_in: TakeIn
) -> None:
    take_in(HEADINGS + write_row("A1", days_ago(9), "protonitazene"))
    signal = get_first(network.actor("analyst"), "protonitazene")
    client = enter("analyst")

    assert "alone in the one sample" in read(client, f"/signals/{signal.pk}/")
    report = list_reports(network.actor("analyst")).get()
    retract_report(network.actor("analyst"), report.pk, version=1, reason="Mixed up samples.")
    assert "No sample with this substance" in read(client, f"/signals/{signal.pk}/")


def test_earlier_emergences_say_what_became_of_them(
    enter: Enter, network: Any, two_emergences: tuple[Signal, Signal]
) -> None:
    earlier, present = two_emergences
    confirm(network.actor("analyst"), earlier)
    version = draft_alert(
        network.actor("analyst"), make_content(), substance_key="metonitazene", signal_id=earlier.pk
    )
    ask_release(network.actor("analyst"), version.pk)
    identifier = release_alert(network.actor("releaser"), version.pk).alert.identifier

    text = read(enter("analyst"), f"/signals/{present.pk}/")
    section = text.split('id="earlier-title"')[1]

    assert f'<a href="/signals/{earlier.pk}/">Metonitazene</a>' in section
    assert "class and growth" in section
    assert "Confirmed" in section
    assert f'<a href="/alerts/{identifier}/">' in section
    assert "In force" in section
    assert "Of the" not in section
    assert "The one earlier emergence compared: 0 had more at that age." in section


def test_an_alert_that_is_still_a_draft_is_not_told_as_released(
    enter: Enter, network: Any, two_emergences: tuple[Signal, Signal]
) -> None:
    earlier, present = two_emergences
    confirm(network.actor("analyst"), earlier)
    draft_alert(
        network.actor("analyst"), make_content(), substance_key="metonitazene", signal_id=earlier.pk
    )

    section = read(enter("analyst"), f"/signals/{present.pk}/").split('id="earlier-title"')[1]

    assert "none released" in section


def test_page_needs_as_many_queries_with_much_beside_a_signal_as_with_little(
    enter: Enter, network: Any, two_emergences: tuple[Signal, Signal], take_in: TakeIn
) -> None:
    client = enter("analyst")
    path = f"/signals/{two_emergences[1].pk}/"
    hold_together(network, "protonitazene", "xylazine", days=5, reference="B1")
    run_detection()
    read(client, path)
    for_little = count_queries(client, path)
    for number, name in enumerate(("heroin", "cocaine", "ketamine")):
        hold_together(network, "protonitazene", name, "xylazine", days=4, reference=f"C{number}")
    take_in(
        HEADINGS
        + write_row("D1", days_ago(7 * 40), "isotonitazene")
        + write_row("D2", days_ago(7 * 39), "etonitazene", country="DE", area="Bayern")
    )

    assert count_queries(client, path) == for_little
    assert "Isotonitazene" in read(client, path)


def test_rarity_of_a_rise_stands_in_the_queue_and_its_export(
    enter: Enter, network: Any, rare_rise: Signal
) -> None:
    client = enter("analyst")

    assert "1 in 1,900 weeks" in read(client, "/signals/?state=all&older=1")
    assert "1900" in read(client, "/signals/?state=all&older=1&format=csv")
    Signal.objects.for_writing().filter(pk=rare_rise.pk).update(
        facts={**rare_rise.facts, "once_in_weeks": RAREST_WEEKS}
    )
    assert f"under 1 in {RAREST_WEEKS:,} weeks" in read(client, "/signals/?state=all&older=1")


def test_evidence_of_a_wide_area_is_that_of_the_areas_within_it(
    enter: Enter, network: Any, rare_rise: Signal
) -> None:
    handling = ensure_handling(owner_id=network.own.pk, tlp="AMBER")
    for region in ("AT13", "AT31", ""):
        findings = (EvidenceFinding("protonitazene", "seized"),)
        report = EvidenceReport("seizure", days_ago(5), "AT", findings, region=region)
        record_report(network.actor("analyst"), handling, report)
    Signal.objects.for_writing().filter(pk=rare_rise.pk).update(area="AT1")
    client = enter("analyst")

    text = read(client, f"/signals/{rare_rise.pk}/")

    assert "1 report visible to you" in text
    assert "&amp;area=AT1" in text


@pytest.fixture
def rare_rise(network: Any) -> Signal:
    """A rise as rare as once in 1,900 weeks."""
    rise: Signal = Signal.objects.create(
        handling=ensure_handling(owner_id=network.own.pk, tlp="AMBER"),
        kind="spike",
        substance=get_substance("protonitazene"),
        matrix="seized",
        country="AT",
        on=days_ago(7),
        last_on=days_ago(7),
        evidence_count=3,
        method="emergence",
        method_version="1",
        facts={
            "count": 3,
            "window_weeks": 4,
            "past_count": 0,
            "past_weeks": 365,
            "expected": 0.1,
            "threshold": 1.0,
            "baseline_weeks": 52,
            "once_in_weeks": 1900,
        },
    )
    return rise
