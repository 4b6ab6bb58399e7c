from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.web.conftest import Network
from tocsin.journal.queries import list_entries
from tocsin.reports.models import Report
from tocsin.reports.queries import list_reports

HEADINGS = "reference,event_type,event_on,country,region,substance,amount,unit,purity\n"
ROWS = (
    "A1,seizure,2026-05-01,AT,AT13,cocaine;levamisole,2.5,g,\n"
    "A2,biological-sample,2026-05-02,AT,AT13,protonitazene,,,\n"
    "B1,seizure,2026-05-03,DE,,Wundermittel X,,,12.5\n"
)


def find(network: Network, reference: str, person: str = "analyst") -> Report:
    return list_reports(network.actor(person)).get(reference=reference)


def fill_form(client: Client, report: Report) -> dict[str, Any]:
    """What the correction form holds when it is opened, as the browser would send it."""
    context = client.get(f"/reports/{report.pk}/correct/").context
    entry = context["entry"]
    fields = [*context["form"], *entry.event]
    fields += [field for form in entry.findings for field in form]
    held = {field.html_name: value for field in fields if (value := field.value()) is not None}
    return {**held, "findings": str(len(entry.findings)), "step": "store"}


def test_empty_list_leads_to_the_inbox(enter: Callable[[str], Client]) -> None:
    text = enter("reader").get("/reports/").content.decode()

    assert "No reports yet" in text
    assert 'href="/inbox/"' in text


@pytest.mark.parametrize(
    ("query", "references"),
    [
        pytest.param("", ["B1", "A2", "A1"], id="newest first"),
        pytest.param("sort=event_on", ["A1", "A2", "B1"], id="oldest first"),
        pytest.param("sort=-country", ["B1", "A2", "A1"], id="country downwards"),
        pytest.param("event_type=seizure", ["B1", "A1"], id="type of event"),
        pytest.param("country=de", ["B1"], id="country, small letters"),
        pytest.param("area=AT1", ["A2", "A1"], id="area, with those within it"),
        pytest.param("area=AT130", [], id="area within another"),
        pytest.param("matrix=biological", ["A2"], id="matrix"),
        pytest.param("substance=cocaine", ["A1"], id="substance by key"),
        pytest.param("substance=Protonitazene", ["A2"], id="substance by name"),
        pytest.param("substance=nonsense", [], id="substance nobody knows"),
        pytest.param("since=2026-05-02&until=2026-05-02", ["A2"], id="dates, both included"),
        pytest.param("since=soon", ["B1", "A2", "A1"], id="a date that is none is ignored"),
        pytest.param("q=wunder", ["B1"], id="written name"),
        pytest.param("q=levami", ["A1"], id="name of the substance"),
        pytest.param("q=A2", ["A2"], id="reference"),
    ],
)
def test_reports_are_searched_filtered_and_sorted(
    query: str, references: list[str], enter: Callable[[str], Client], take_in: Callable[..., Any]
) -> None:
    take_in(HEADINGS + ROWS)

    page = enter("analyst").get(f"/reports/?{query}").context["page"]

    assert [one.reference for one in page] == references


def test_export_holds_the_rows_that_are_shown(
    enter: Callable[[str], Client], take_in: Callable[..., Any]
) -> None:
    take_in(HEADINGS + ROWS)

    response = enter("analyst").get("/reports/?event_type=seizure&format=csv")

    lines = b"".join(response).decode("utf-8-sig").splitlines()
    assert [line.rsplit(",", 1)[0] for line in lines] == [
        "Date,Event,Place,Findings,Reference,Owner,TLP",
        "2026-05-03,seizure,DE,Wundermittel X ?,B1,Focal Point,AMBER",
        "2026-05-01,seizure,AT AT13,Cocaine; Levamisole,A1,Focal Point,AMBER",
    ]


def test_report_shows_findings_handling_and_provenance(
    enter: Callable[[str], Client], take_in: Callable[..., Any], network: Network
) -> None:
    take_in(HEADINGS + ROWS, file_name="may.csv", audience=(network.partner.pk,))
    report = find(network, "A1")

    text = enter("analyst").get(f"/reports/{report.pk}/").content.decode()

    for words in ("Cocaine", "Levamisole", "2.5 g", "TLP:AMBER", "Customs Office", "may.csv"):
        assert words in text
    assert "row 2" in text
    assert bytes(report.content_digest).hex() in text


def test_partner_reads_what_is_shared_and_not_the_sender_s_file(
    enter: Callable[[str], Client], take_in: Callable[..., Any], network: Network
) -> None:
    take_in(HEADINGS + ROWS, file_name="may.csv", audience=(network.partner.pk,))
    report = find(network, "A1")

    text = enter("partner-analyst").get(f"/reports/{report.pk}/").content.decode()

    assert "Cocaine" in text
    assert "may.csv" not in text
    assert f"/reports/{report.pk}/correct/" not in text


def test_partner_never_sees_rows_not_shared(
    enter: Callable[[str], Client], take_in: Callable[..., Any], network: Network
) -> None:
    take_in(HEADINGS + "S1,seizure,2026-05-01,AT,,cocaine,,,\n", audience=(network.partner.pk,))
    take_in(HEADINGS + "H1,seizure,2026-05-01,AT,,cocaine,,,\n")
    hidden = find(network, "H1")
    client = enter("partner-analyst")

    page = client.get("/reports/?substance=cocaine").context["page"]
    exported = b"".join(client.get("/reports/?format=csv"))
    assert ([one.reference for one in page], page.paginator.count) == (["S1"], 1)
    assert client.get("/reports/?q=H1").context["page"].paginator.count == 0
    assert (b"S1" in exported, b"H1" in exported) == (True, False)
    for path in ("", "correct/", "retract/"):
        assert client.get(f"/reports/{hidden.pk}/{path}").status_code == 404


def test_others_report_cannot_be_changed(
    enter: Callable[[str], Client], take_in: Callable[..., Any], network: Network
) -> None:
    take_in(HEADINGS + ROWS, audience=(network.partner.pk,))
    report = find(network, "A1")
    client = enter("partner-analyst")

    for step in ("correct", "retract"):
        assert client.get(f"/reports/{report.pk}/{step}/").status_code == 404
        assert client.post(f"/reports/{report.pk}/{step}/", {"reason": "x"}).status_code == 404


@pytest.mark.parametrize("person", ["reader", "releaser", "administrator"])
def test_changing_needs_the_right(
    person: str, enter: Callable[[str], Client], take_in: Callable[..., Any], network: Network
) -> None:
    take_in(HEADINGS + ROWS)
    report = find(network, "A1")
    client = enter(person)

    assert "Retract" not in client.get(f"/reports/{report.pk}/").content.decode()
    for step in ("correct", "retract"):
        assert client.post(f"/reports/{report.pk}/{step}/", {"reason": "x"}).status_code == 403


def test_correction_becomes_a_version_that_says_why(
    enter: Callable[[str], Client], take_in: Callable[..., Any], network: Network
) -> None:
    take_in(HEADINGS + ROWS)
    client = enter("analyst")
    report = find(network, "A1")
    values = fill_form(client, report)
    values |= {"finding-0-amount": "3.5", "reason": "The balance was read again."}

    response = client.post(f"/reports/{report.pk}/correct/", values)

    corrected = find(network, "A1")
    assert response.headers["Location"] == f"/reports/{corrected.pk}/"
    assert (corrected.version, corrected.predecessor_id) == (2, report.pk)
    amounts = [(one.written_name.text, one.amount) for one in corrected.findings.all()]
    assert [(name, str(amount)) for name, amount in amounts] == [
        ("cocaine", "3.500000"),
        ("levamisole", "2.500000"),
    ]
    text = client.get(f"/reports/{report.pk}/").content.decode()
    assert "A later version replaced this one" in text
    assert "The balance was read again." in text


def test_correction_that_changes_nothing_stores_nothing(
    enter: Callable[[str], Client], take_in: Callable[..., Any], network: Network
) -> None:
    take_in(HEADINGS + ROWS)
    client = enter("analyst")
    report = find(network, "A2")

    client.post(
        f"/reports/{report.pk}/correct/", fill_form(client, report) | {"reason": "No reason."}
    )

    assert find(network, "A2").version == 1
    assert list_entries(action="refused.refused").get().record_id == "reports-correct"
    report = find(network, "A1")
    client.post(
        f"/reports/{report.pk}/correct/", fill_form(client, report) | {"reason": "No reason."}
    )
    assert find(network, "A1").version == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param({"reason": ""}, "Why: ", id="no reason"),
        pytest.param({"country": "XX"}, "ISO 3166-1", id="unknown country"),
        pytest.param({"region": "DE21"}, "NUTS code", id="region of another country"),
        pytest.param({"event_on": "2099-01-01"}, "yet to come", id="day to come"),
        pytest.param({"source": "anna@example.org"}, "e-mail address", id="personal data"),
        pytest.param({"version": "7"}, "version 1 is already held", id="version not seen"),
        pytest.param(
            {"finding-0-substance": ""},
            "1. Substance: This field is required",
            id="a finding without a substance",
        ),
        pytest.param({"finding-0-purity_percent": "140"}, "1. Purity", id="purity above 100"),
    ],
)
def test_correction_that_cannot_be_is_refused(
    change: dict[str, str],
    words: str,
    enter: Callable[[str], Client],
    take_in: Callable[..., Any],
    network: Network,
) -> None:
    take_in(HEADINGS + ROWS)
    client = enter("analyst")
    report = find(network, "A1")
    values = fill_form(client, report) | {"reason": "A reason.", **change}

    response = client.post(f"/reports/{report.pk}/correct/", values)

    assert response.status_code == 422
    assert "There is a problem" in response.content.decode()
    assert words in response.content.decode()
    assert find(network, "A1").version == 1


def test_retracted_report_stays_readable_and_counts_no_longer(
    enter: Callable[[str], Client], take_in: Callable[..., Any], network: Network
) -> None:
    take_in(HEADINGS + ROWS)
    client = enter("analyst")
    report = find(network, "A1")

    response = client.post(
        f"/reports/{report.pk}/retract/", {"reason": "Samples were swapped.", "version": "1"}
    )

    text = client.get(response.headers["Location"]).content.decode()
    assert "Retracted" in text
    assert "Samples were swapped." in text
    assert [one.reference for one in client.get("/reports/").context["page"]] == ["B1", "A2"]


def test_retraction_needs_a_reason(
    enter: Callable[[str], Client], take_in: Callable[..., Any], network: Network
) -> None:
    take_in(HEADINGS + ROWS)
    report = find(network, "A1")

    response = enter("analyst").post(
        f"/reports/{report.pk}/retract/", {"reason": " ", "version": "1"}
    )

    assert response.status_code == 422
    assert not find(network, "A1").is_retracted


def test_queries_do_not_grow_with_the_reports(
    enter: Callable[[str], Client],
    take_in: Callable[..., Any],
    count_queries: Callable[[Client, str], int],
) -> None:
    client = enter("analyst")
    take_in(HEADINGS + ROWS.splitlines()[0] + "\n")
    with_one = count_queries(client, "/reports/")
    take_in(HEADINGS + ROWS)

    assert count_queries(client, "/reports/") == with_one
