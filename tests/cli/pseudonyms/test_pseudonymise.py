"""``tocsin pseudonymise``, run as a person would: offline, without a node."""

import csv
import hashlib
import hmac
import json
from base64 import b32decode, b32encode
from pathlib import Path

import pytest
import typer
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from tocsin.cli.pseudonyms import command
from tocsin.cli.pseudonyms.changes import RECORD_BANDS, name_band
from tocsin.cli.pseudonyms.keys import PseudonymKey, read_key
from tocsin.errors import ConfigurationError, PseudonymKeyError, TocsinError
from tocsin.reports.formats.export import write_xlsx
from tocsin.reports.formats.personal_data import find_personal_column, find_personal_text
from tocsin.reports.formats.tables import open_table
from tocsin.reports.record.words import AgeBand

app = typer.Typer()
app.command("pseudonymise")(command.pseudonymise)
runner = CliRunner()

CASES = """Fallnummer;Nachname;Geb.-Datum;Alter;Datum;Substanz;Bemerkung;Probenart
T-17;Berg;12.05.1980;46;03.11.2026;Kokain;lag im Bett;Blut
t-17 ;Berg;12.05.1980;46;01.01.2027;=1+1;;Urin
T-18;Huber;01.02.2011;15;05.11.2026;Heroin;Anruf;Blut von Frau Huber
T-19;Adam;;alt;irgendwann;;;
"""


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    path = tmp_path / "cases.csv"
    path.write_text(CASES, encoding="utf-8")
    return path


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "toxicology.key"
    assert run("--new-key", path, "--purpose", "toxicology").exit_code == 0
    return path


def run(*arguments: object) -> Result:
    """Run the command; an error of the house is raised, as ``main`` would see it."""
    done = runner.invoke(app, [str(one) for one in arguments])
    if isinstance(done.exception, TocsinError):
        raise done.exception
    return done


def read(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.reader(stream))


def test_a_file_of_cases_loses_what_tells_the_persons(cases: Path, key: Path) -> None:
    done = run(cases, "--key", key, "--yes")
    assert done.exit_code == 2
    made = read(tmp := cases.with_name("cases.pseudonymous.csv"))
    secret = read_key(key)
    first, other, third = (secret.derive_pseudonym(one) for one in ("T-17", "T-18", "T-19"))
    assert made == [
        ["reference", "age_band", "Datum", "Substanz", "Probenart"],
        [first, "45-54", "2026-11-03", "Kokain", "Blut"],
        [first, "45-54", "2027-01-01", "'=1+1", "Urin"],
        [other, "15-24", "2026-11-05", "Heroin", ""],
        [third, "", "", "", ""],
    ]
    assert tmp.stat().st_mode & 0o777 == 0o600
    assert "row 4, column Probenart: looks like the name of a person; emptied" in done.stdout
    assert "Huber" not in done.output


def test_pseudonym_is_hmac_of_the_purpose_and_the_reference_alone(cases: Path, key: Path) -> None:
    held = dict(line.split(" = ") for line in key.read_text().splitlines() if " = " in line)
    message = b"tocsin pseudonym 1\0toxicology\0t-17"
    digest = hmac.new(b32decode(held["key"].strip('"')), message, hashlib.sha256).digest()
    expected = f"toxicology-{b32encode(digest[:15]).decode()}"
    assert read_key(key).derive_pseudonym("T-17") == expected


def test_same_file_and_key_give_the_same_and_another_purpose_nothing_in_common(
    cases: Path, key: Path, tmp_path: Path
) -> None:
    written = cases.with_name("cases.pseudonymous.csv")
    run(cases, "--key", key, "--yes")
    first = written.read_bytes()
    written.unlink()
    run(cases, "--key", key, "--yes")
    assert written.read_bytes() == first
    references = {row[0] for row in read(written)[1:]}
    written.unlink()
    other = tmp_path / "other.key"
    run("--new-key", other, "--purpose", "seizures")
    run(cases, "--key", other, "--yes")
    others = {row[0] for row in read(written)[1:]}
    assert len(references) == len(others) == 3
    assert {one.split("-", 1)[1] for one in references}.isdisjoint(
        one.split("-", 1)[1] for one in others
    )


def test_same_secret_for_another_purpose_would_still_not_link() -> None:
    secret = bytes(range(32))
    one, other = PseudonymKey("a", secret), PseudonymKey("b", secret)
    assert one.derive_pseudonym("T-17")[2:] != other.derive_pseudonym("T-17")[2:]
    assert str(one) == "PseudonymKey(purpose='a')"


def test_weeks_and_bands_of_ones_own_where_asked(cases: Path, key: Path) -> None:
    run(cases, "--key", key, "--yes", "--dates", "week", "--age-bands", "18,50")
    made = read(cases.with_name("cases.pseudonymous.csv"))
    assert [row[1:3] for row in made[1:]] == [
        ["18-49", "2026-W45"],
        ["18-49", "2026-W53"],
        ["0-17", "2026-W45"],
        ["", ""],
    ]


def test_birth_dates_become_the_age_on_the_day_of_the_event(tmp_path: Path, key: Path) -> None:
    path = tmp_path / "births.csv"
    path.write_text(
        "case,date of birth,event date,substance\n"
        "1,1980-11-04,2026-11-03,cocaine\n"  # 45, and 46 the day after
        "2,1992-01-01,2026-11-03,heroin\n"
        "3,2030-01-01,2026-11-03,heroin\n",
        encoding="utf-8",
    )
    done = run(path, "--key", key, "--yes")
    made = read(tmp_path / "births.pseudonymous.csv")
    assert [row[1] for row in made] == ["age_band", "45-54", "25-34", ""]
    assert "row 4, column age_band: gives no age on the day of the event; emptied" in done.stdout


def test_plan_says_what_becomes_of_each_column_and_writes_nothing(cases: Path) -> None:
    done = run(cases, "--plan")
    assert done.stdout.splitlines() == [
        "1. Fallnummer: pseudonym (case references) -> reference",
        "2. Nachname: drop (looks like names of persons)",
        "3. Geb.-Datum: drop (birth dates; the age has a column of its own)",
        "4. Alter: age-band (ages) -> age_band",
        "5. Datum: date (event_on, by its heading) -> Datum",
        "6. Substanz: keep (substance, by its heading; cells that look personal are emptied)"
        " -> Substanz",
        "7. Bemerkung: drop (unknown)",
        "8. Probenart: keep (specimen, by its heading; cells that look personal are emptied)"
        " -> Probenart",
    ]
    assert list(cases.parent.iterdir()) == [cases]


def test_plan_is_shown_and_asked_for_before_anything_is_written(cases: Path, key: Path) -> None:
    done = runner.invoke(app, [str(cases), "--key", str(key)], input="n\n")
    assert done.exit_code == 1
    assert "2. Nachname: drop" in done.stderr
    assert not cases.with_name("cases.pseudonymous.csv").exists()


@pytest.mark.parametrize(
    "headings",
    [
        "case number|surname|date of birth|age|address",
        "Aktenzeichen|Vorname|Geburtsdatum|Alter|Anschrift",
        "numéro de dossier|prénom|date de naissance|âge|adresse",
        "número de caso|apellidos|fecha de nacimiento|edad|domicilio",
        "numero caso|cognome|data di nascita|età|indirizzo",
        "zaaknummer|achternaam|geboortedatum|leeftijd|woonplaats",
    ],
    ids=["English", "German", "French", "Spanish", "Italian", "Dutch"],
)
def test_columns_are_known_in_six_languages(headings: str, tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    path.write_text(headings.replace("|", ";") + "\n1;B;1980-01-01;44;C\n", encoding="utf-8")
    said = [line.split(": ", 1)[1].split()[0] for line in run(path, "--plan").stdout.splitlines()]
    assert said == ["pseudonym", "drop", "drop", "age-band", "drop"]


@pytest.mark.parametrize(
    "headings",
    [
        "Konzentration|Einheit|Nachweisgrenze|Bestimmungsgrenze|Matrix|Methode|Name des Patienten",
        "Concentration|Unité|Limite de détection|LOQ|Matrice|Technique|Nom du patient",
        "Stężenie|Jednostka|Granica wykrywalności|LOQ|Matryca|Technika|Nazwisko pacjenta",
    ],
    ids=["German", "French", "Polish"],
)
def test_what_was_measured_is_kept_and_who_was_measured_is_not(
    headings: str, tmp_path: Path
) -> None:
    path = tmp_path / "cases.csv"
    path.write_text(f"{headings};Uwagi\n".replace("|", ";") + "1;;1;;a;b;c;d\n", encoding="utf-8")
    said = [line.split(": ", 1)[1].split()[0] for line in run(path, "--plan").stdout.splitlines()]
    assert said == ["keep"] * 6 + ["drop", "drop"]


def test_a_file_of_columns_fixes_the_plan(cases: Path, key: Path, tmp_path: Path) -> None:
    fixed = tmp_path / "columns.toml"
    fixed.write_text('[columns]\nFallnummer = "pseudonym"\nBemerkung = "keep"\n', encoding="utf-8")
    done = run(cases, "--key", key, "--columns", fixed, "--json")
    assert done.exit_code == 0
    assert read(cases.with_name("cases.pseudonymous.csv"))[0] == ["reference", "Bemerkung"]
    said = json.loads(done.stdout)
    counts = {name: said[name] for name in ("rows", "columns", "dropped", "pseudonyms", "emptied")}
    assert counts == {"rows": 4, "columns": 2, "dropped": 6, "pseudonyms": 4, "emptied": 0}


def test_an_unknown_column_is_kept_where_told_but_not_one_of_names(cases: Path, key: Path) -> None:
    run(cases, "--key", key, "--yes", "--keep", "Bemerkung")
    made = read(cases.with_name("cases.pseudonymous.csv"))
    assert [row[4] for row in made] == ["Bemerkung", "lag im Bett", "", "Anruf", ""]
    with pytest.raises(ConfigurationError, match="column 'Nachname': looks like names of persons"):
        run(cases, "--plan", "--keep", "Nachname")
    with pytest.raises(ConfigurationError, match="column 'Ort': is not in the file"):
        run(cases, "--plan", "--keep", "Ort")


def test_a_workbook_comes_in_and_goes_out(tmp_path: Path, key: Path) -> None:
    path = tmp_path / "cases.xlsx"
    with path.open("wb") as stream:
        write_xlsx([["T-17", 46, "Kokain"]], ["Fallnummer", "Alter", "Substanz"], stream)
    assert run(path, "--key", key, "--yes", "--format", "xlsx").exit_code == 0
    made = open_table(tmp_path / "cases.pseudonymous.xlsx")
    assert [row.cells for row in made.iter_rows()] == [
        (read_key(key).derive_pseudonym("T-17"), "45-54", "Kokain")
    ]


def test_an_existing_file_is_never_overwritten(cases: Path, key: Path) -> None:
    written = cases.with_name("cases.pseudonymous.csv")
    written.write_text("mine", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="exists"):
        run(cases, "--key", key, "--yes")
    assert written.read_text(encoding="utf-8") == "mine"


def test_a_key_is_for_its_owner_alone_and_never_printed(cases: Path, key: Path) -> None:
    assert key.stat().st_mode & 0o777 == 0o600
    secret = key.read_text(encoding="utf-8").split('key = "')[1].split('"')[0]
    assert secret not in run(cases, "--key", key, "--yes").output
    key.chmod(0o640)
    with pytest.raises(PseudonymKeyError, match="other users") as raised:
        run(cases, "--key", key, "--yes")
    assert secret not in str(raised.value)


def test_what_is_no_key_is_refused(cases: Path, key: Path, tmp_path: Path) -> None:
    with pytest.raises(PseudonymKeyError, match="exists"):
        run("--new-key", key, "--purpose", "toxicology")
    with pytest.raises(PseudonymKeyError, match="purpose 'Tox!'"):
        run("--new-key", tmp_path / "x.key", "--purpose", "Tox!")
    with pytest.raises(PseudonymKeyError, match="cannot be read"):
        run(cases, "--yes", "--key", tmp_path / "absent.key")
    with pytest.raises(PseudonymKeyError, match="none was named"):
        run(cases, "--yes")
    for content in ("no key", 'purpose = "x"\nkey = "AAAA"\n', 'purpose = "x"\nkey = "1"\n'):
        key.write_text(content, encoding="utf-8")
        with pytest.raises(PseudonymKeyError, match="damaged"):
            run(cases, "--key", key, "--yes")


def test_a_key_never_lies_in_the_folder_of_a_node(cases: Path) -> None:
    inside = Path(settings.HOME) / "toxicology.key"
    with pytest.raises(PseudonymKeyError, match="folder of a node"):
        run("--new-key", inside, "--purpose", "toxicology")
    with pytest.raises(PseudonymKeyError, match="folder of a node"):
        run(cases, "--key", inside, "--yes")
    assert not inside.exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--age-bands", "15,17"], "age bands"),
        (["--age-bands", "15,x"], "age bands"),
        (["--age-bands", "15,95"], "age bands"),
        (["--dates", "month"], "--dates"),
        (["--format", "pdf"], "--format"),
    ],
)
def test_options_that_cannot_be_are_refused(options: list[str], message: str, cases: Path) -> None:
    with pytest.raises(ConfigurationError, match=message):
        run(cases, "--plan", *options)


def test_a_command_without_file_and_a_damaged_file_of_columns_are_refused(
    cases: Path, tmp_path: Path
) -> None:
    with pytest.raises(ConfigurationError, match="none was named"):
        run("--yes")
    for content in ("[columns", "[columns]\n", '[columns]\nAlter = "hide"\n'):
        (tmp_path / "c.toml").write_text(content, encoding="utf-8")
        with pytest.raises(ConfigurationError, match=r"c\.toml"):
            run(cases, "--plan", "--columns", tmp_path / "c.toml")


def test_bands_of_the_record_are_the_default() -> None:
    named = {name_band(age, RECORD_BANDS) for age in range(121)}
    assert named == {value for value in AgeBand.values if value != "unknown"}


def test_the_node_takes_what_was_made(cases: Path, key: Path) -> None:
    run(cases, "--key", key, "--yes")
    headings, *rows = read(cases.with_name("cases.pseudonymous.csv"))
    assert find_personal_column(headings, rows) is None


@given(st.text(max_size=30), st.binary(min_size=32, max_size=32))
def test_a_pseudonym_never_looks_like_personal_data_nor_holds_the_reference(
    reference: str, secret: bytes
) -> None:
    key = PseudonymKey("toxicology", secret)
    made = key.derive_pseudonym(reference)
    assert find_personal_text(made) is None
    assert made == key.derive_pseudonym(f"  {reference} ")
    assert len(made) == (35 if reference.strip() else 0)
