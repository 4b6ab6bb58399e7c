from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

HEADINGS = "reference,event_type,event_on,country,substance\n"


def write_rows(*rows: tuple[str, date, str]) -> str:
    """Rows of seizures in Austria: reference, day, substance."""
    return HEADINGS + "".join(
        f"{reference},seizure,{day.isoformat()},AT,{substance}\n"
        for reference, day, substance in rows
    )


def read(client: Client, path: str = "/") -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def test_empty_node_says_what_to_do_next(enter: Callable[[str], Client]) -> None:
    text = read(enter("analyst"))

    assert "No evidence held yet" in text
    assert 'href="/inbox/import/"' in text


def test_reader_of_an_empty_node_is_offered_no_import(enter: Callable[[str], Client]) -> None:
    text = read(enter("reader"))

    assert "No evidence held yet" in text
    assert 'href="/inbox/import/"' not in text


def test_first_detection_and_what_waits_are_shown(
    enter: Callable[[str], Client], take_in: Callable[..., Any]
) -> None:
    today = timezone.localdate()
    yesterday = today - timedelta(days=1)
    take_in(
        write_rows(("A1", yesterday, "protonitazene"), ("A2", yesterday, "Wundermittel X"))
        + "A3,seizure,2026-02-31,AT,cocaine\n"
    )

    text = read(enter("analyst"))

    assert "Must do today" in text
    assert "1 row refused" in text
    assert "1 unknown name" in text
    assert "new signal" in text
    assert "Protonitazene" in text
    assert "As known on" in text


def test_news_end_at_the_newest_held_day(
    enter: Callable[[str], Client], take_in: Callable[..., Any]
) -> None:
    take_in(write_rows(("A1", date(2023, 5, 3), "protonitazene")))

    text = read(enter("analyst"))

    assert "As known on Wed 3 May 2023" in text
    assert "Findings by country, 28 days to 3 May 2023, as known then" in text


def test_partner_sees_nothing_of_rows_not_shared(
    enter: Callable[[str], Client], take_in: Callable[..., Any]
) -> None:
    take_in(write_rows(("A1", date(2026, 5, 3), "protonitazene")))

    text = read(enter("partner-analyst"))

    assert "rotonitazene" not in text
    assert "No evidence held yet" in text


@pytest.mark.parametrize("figure", ["map", "timeline"])
def test_figures_are_handed_out_as_csv(
    figure: str, enter: Callable[[str], Client], take_in: Callable[..., Any]
) -> None:
    take_in(write_rows(("A1", date(2026, 5, 4), "protonitazene")))

    response = enter("analyst").get(f"/figures/{figure}.csv")

    rows = b"".join(response).decode("utf-8-sig").splitlines()
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert ("Austria,1" in rows) if figure == "map" else (rows[-1].endswith(",1"))


def test_queries_do_not_grow_with_the_evidence(
    enter: Callable[[str], Client],
    take_in: Callable[..., Any],
    count_queries: Callable[[Client, str], int],
) -> None:
    client = enter("analyst")
    day = timezone.localdate() - timedelta(days=3)
    take_in(write_rows(("A1", day, "protonitazene"), ("A2", day, "Unbekannt 1")))
    with_little = count_queries(client, "/")
    take_in(
        write_rows(
            ("B1", day, "metonitazene"), ("B2", day, "etonitazene"), ("B3", day, "Unbekannt 2")
        )
    )

    assert count_queries(client, "/") == with_little
