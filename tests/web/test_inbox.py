from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.web.conftest import Network
from tocsin.journal.models import JournalEntry

HEADINGS = "reference,event_type,event_on,country,substance\n"
GOOD = "{0},seizure,2026-05-03,AT,cocaine\n"
BAD = "{0},seizure,2026-02-31,AT,cocaine\n"


def take_in_three(take_in: Callable[..., Any]) -> None:
    for name in ("a", "b", "c"):
        take_in(HEADINGS + GOOD.format(name), file_name=f"{name}.csv", profile="generic")


def test_empty_inbox_offers_the_import(enter: Callable[[str], Client]) -> None:
    text = enter("reporter").get("/inbox/").content.decode()

    assert "No file has come in yet" in text
    assert 'href="/inbox/import/"' in text


def test_reader_is_not_offered_the_import(enter: Callable[[str], Client]) -> None:
    assert 'href="/inbox/import/"' not in enter("reader").get("/inbox/").content.decode()


def test_import_is_listed_with_its_counts(
    enter: Callable[[str], Client], take_in: Callable[..., Any]
) -> None:
    take_in(HEADINGS + GOOD.format("1") + BAD.format("2"), file_name="lab_b.csv")

    response = enter("analyst").get("/inbox/")

    [held] = response.context["page"]
    counts = (held.rows_done, held.accepted, held.duplicates, held.refused, held.unresolved)
    assert counts == (2, 1, 0, 1, 0)
    assert "lab_b.csv" in response.content.decode()
    assert "Focal Point" in response.content.decode()


def test_import_to_be_mended_stands_first_until_the_file_is_sent_again(
    enter: Callable[[str], Client], take_in: Callable[..., Any]
) -> None:
    take_in(HEADINGS + BAD.format("1"), file_name="bad.csv")
    client = enter("analyst")
    assert client.get("/inbox/").context["page"][0].needs_mending is True

    take_in(HEADINGS + GOOD.format("1"), file_name="mended.csv")

    page = client.get("/inbox/").context["page"]
    assert [(one.file_name, one.needs_mending) for one in page] == [
        ("mended.csv", False),
        ("bad.csv", False),
    ]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        pytest.param("q=B.cs", ["b.csv"], id="part of the name, any case"),
        pytest.param("state=failed", [], id="state"),
        pytest.param("state=nonsense", ["c.csv", "b.csv", "a.csv"], id="unknown state ignored"),
        pytest.param("sort=file_name", ["a.csv", "b.csv", "c.csv"], id="sorted"),
        pytest.param("sort=-file_name", ["c.csv", "b.csv", "a.csv"], id="sorted downwards"),
        pytest.param("q=%00a.csv", ["a.csv"], id="a NUL is left out"),
        pytest.param("page=9", ["c.csv", "b.csv", "a.csv"], id="page that does not exist"),
    ],
)
def test_inbox_is_searched_filtered_and_sorted(
    query: str, names: list[str], enter: Callable[[str], Client], take_in: Callable[..., Any]
) -> None:
    take_in_three(take_in)

    page = enter("analyst").get(f"/inbox/?{query}").context["page"]

    assert [one.file_name for one in page] == names


def test_nothing_matching_offers_to_clear_the_filters(
    enter: Callable[[str], Client], take_in: Callable[..., Any]
) -> None:
    take_in_three(take_in)

    text = enter("analyst").get("/inbox/?q=nosuchfile").content.decode()

    assert "Nothing matches" in text
    assert "Clear filters" in text


def test_export_holds_the_rows_shown_and_is_journalled(
    enter: Callable[[str], Client], take_in: Callable[..., Any]
) -> None:
    take_in_three(take_in)

    response = enter("analyst").get("/inbox/?q=b.csv&format=csv")

    lines = b"".join(response).decode("utf-8-sig").splitlines()
    assert [line.split(",")[0] for line in lines] == ["File", "b.csv"]
    entry = JournalEntry.objects.get(action="list.exported")
    assert (entry.person, entry.record_id, entry.details["rows"]) == ("analyst", "imports", 1)


def test_reader_may_not_export(enter: Callable[[str], Client], take_in: Callable[..., Any]) -> None:
    take_in_three(take_in)
    client = enter("reader")

    assert "format=csv" not in client.get("/inbox/").content.decode()
    assert client.get("/inbox/?format=csv").status_code == 403


def test_partner_sees_only_imports_shared_with_them(
    enter: Callable[[str], Client], take_in: Callable[..., Any], network: Network
) -> None:
    hidden = take_in(HEADINGS + GOOD.format("1"), file_name="hidden.csv")
    shared = take_in(
        HEADINGS + BAD.format("2"), file_name="shared.csv", audience=(network.partner.pk,)
    )
    client = enter("partner-analyst")

    page = client.get("/inbox/").context["page"]
    exported = b"".join(client.get("/inbox/?format=csv"))
    assert ([one.pk for one in page], page.paginator.count) == ([shared.pk], 1)
    assert client.get("/inbox/?q=hidden").context["page"].paginator.count == 0
    assert b"hidden" not in exported
    assert client.get(f"/inbox/{shared.pk}/").status_code == 200
    assert client.get(f"/inbox/{hidden.pk}/").status_code == 404
    assert client.get(f"/inbox/{hidden.pk}/status/").status_code == 404
    # The file may hold more than its rows share.
    assert client.get(f"/inbox/{shared.pk}/marked/").status_code == 404


def test_queries_do_not_grow_with_the_imports(
    enter: Callable[[str], Client],
    take_in: Callable[..., Any],
    count_queries: Callable[[Client, str], int],
) -> None:
    client = enter("analyst")
    take_in(HEADINGS + GOOD.format("0"), file_name="first.csv")
    with_one = count_queries(client, "/inbox/")
    take_in_three(take_in)

    assert count_queries(client, "/inbox/") == with_one
