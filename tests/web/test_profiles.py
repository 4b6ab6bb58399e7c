from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.web.conftest import Network
from tocsin.pipeline import run_round
from tocsin.reports.models import ImportProfile
from tocsin.reports.queries import get_profile, list_reports
from tocsin.reports.services import preview_file
from tocsin.web.forms.matching import MatchForm

TABLE = (
    "Fall;Tatdatum;Staat;Vorgang;Stoff 1;Stoff 2;Bemerkung\n"
    "7;03.05.2026;AT;Razzia;Kokain;Levamisol;nass\n"
)


@pytest.fixture
def matching(enter: Callable[[str], Client]) -> tuple[Client, str]:
    """A reporter's browser before the columns of a file nobody knows, and the page's address."""
    client = enter("reporter")
    sent = client.post(
        "/inbox/import/",
        {
            "file": SimpleUploadedFile("fall.csv", TABLE.encode()),
            "profile": "",
            "tlp": "AMBER",
            "purposes": ["early-warning"],
        },
    )
    return client, sent.headers["Location"]


CHOSEN = {
    "column-0": "reference",
    "column-1": "event_on",
    "column-2": "country",
    "column-3": "event_type",
    "column-4": "substance",
    "column-5": "substance",
    "date_formats": "DD.MM.YYYY",
    "decimal_mark": ",",
    "separator": ";",
}


def find_word_field(client: Client, url: str) -> str:
    form = client.post(url, CHOSEN).context["form"]
    [name] = form.word_fields
    assert form[name].label == "Razzia"
    return str(name)


def test_preview_shows_each_column_with_its_first_cells_and_a_proposal(
    matching: tuple[Client, str],
) -> None:
    client, url = matching
    columns = client.get(url).context["form"].list_columns()

    assert [column["field"].label for column in columns] == TABLE.splitlines()[0].split(";")
    assert columns[4]["samples"] == ["Kokain"]
    assert columns[1]["field"].value() == "event_on"


def test_unknown_words_are_asked_for(matching: tuple[Client, str]) -> None:
    client, url = matching
    response = client.post(url, CHOSEN)

    assert response.status_code == 422
    assert "Razzia" in response.content.decode()


def test_matched_file_is_read_and_its_profile_kept(
    matching: tuple[Client, str], network: Network
) -> None:
    client, url = matching
    word = find_word_field(client, url)

    matched = client.post(url, {**CHOSEN, word: "seizure", "name": "lab-c"})

    assert matched.headers["Location"] == url.replace("match", "check")
    check = client.get(matched.headers["Location"])
    assert "Read 1 = 1 ready + 0 already held + 0 refused" in check.content.decode()
    client.post(url.replace("match", "accept"))
    run_round()
    [report] = list_reports(network.actor("reporter"))
    assert (report.reference, report.event_type, report.country) == ("7", "seizure", "AT")
    assert [one.written_name.text for one in report.findings.all()] == ["Kokain", "Levamisol"]
    profile = get_profile(network.actor("reporter"), "lab-c")
    assert profile.columns["substance"] == ("stoff",)
    assert profile.values["event_type"]["Razzia"] == "seizure"


def test_profile_without_a_name_is_not_kept(matching: tuple[Client, str]) -> None:
    client, url = matching
    word = find_word_field(client, url)

    client.post(url, {**CHOSEN, word: "seizure"})

    assert ImportProfile.objects.count() == 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param({"column-1": ""}, "event_on", id="no date"),
        pytest.param({"column-0": "substance"}, "chosen for", id="one field, two columns"),
        pytest.param({"date_formats": "TT.MM.JJJJ"}, "date_formats", id="date format"),
        pytest.param({"name": "Lab C!"}, "small letters", id="name of the profile"),
        pytest.param({"name": "generic"}, "ships with Tocsin", id="name of a shipped profile"),
    ],
)
def test_what_cannot_be_matched_is_said(
    change: dict[str, str], words: str, matching: tuple[Client, str]
) -> None:
    client, url = matching
    word = find_word_field(client, url)

    response = client.post(url, {**CHOSEN, word: "seizure", **change})

    assert response.status_code == 422
    assert "There is a problem" in response.content.decode()
    assert words.lower() in response.content.decode().lower()


def test_form_proposes_what_it_would_read(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text(TABLE, encoding="utf-8")

    form = MatchForm(preview_file(path))

    assert form.initial["date_formats"] == "DD.MM.YYYY, YYYY-MM-DD"
