"""Personal data are refused at the door, and evidence is not taken for them."""

import datetime
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.errors import PersonalDataError
from tocsin.reports.formats.personal_data import (
    find_personal_column,
    find_personal_heading,
    find_personal_text,
    require_no_personal_columns,
)
from tocsin.reports.formats.profiles import list_profiles, load_profile

PERSONAL_HEADINGS = """
    Surname|First name|last_name|FirstName|Full name|Name of patient|Patient name|Victim's name
    Patient|Forename|DOB|D.O.B.|Date of birth|birth_date|BirthDate|Year of birth|Address
    Home address|Street|Street address|House number|Phone|Phone number|Telephone|Mobile phone
    Tel.|E-mail|Email address|SSN|Social security number|National ID|Passport number|NHS number
    Patient ID|Insurance number|National insurance number|Medical record number|IBAN
    Nachname|Vorname|Name des Patienten|Geburtsdatum|Geb.-Datum|Anschrift|Adresse|Straße|Wohnort
    Straße und Hausnummer|Telefon|Telefonnummer|Handynummer|E-Mail-Adresse|Patientennummer
    Versichertennummer|Sozialversicherungsnummer|Reisepass|Ausweisnummer
    Nom de famille|Prénom|Nom du patient|Date de naissance|Lieu de naissance|Adresse postale
    Téléphone|Courriel|Numéro de sécurité sociale|Passeport|Numéro de patient
    Apellidos|Nombre del paciente|Nombre y apellidos|Fecha de nacimiento|Dirección|Domicilio
    Teléfono|Correo electrónico|DNI|Pasaporte|Número de la seguridad social
    Cognome|Nome e cognome|Data di nascita|Indirizzo|Telefono|Codice fiscale|Passaporto
    Achternaam|Voornaam|Geboortedatum|Adres|Woonplaats|Telefoonnummer|BSN|Paspoort
    Nazwisko|Imię|Imię i nazwisko|Data urodzenia|Adres zamieszkania|Numer telefonu|PESEL|Paszport
    Apelido|Nome completo|Data de nascimento|Endereço|Morada|Telefone|Passaporte|Número de utente
    Efternamn|Förnamn|Födelsedatum|Adress|Telefonnummer|E-post|Personnummer
""".replace("\n", "|")

HARMLESS_HEADINGS = """
    Substance name|Laboratory name|Street name|Sample name|Brand name|Common name|Chemical name
    Date of event|Date of death|Date received|Local area|Area|Place|Name of substance|Product name
    Lab name|File name|Age band|Sex|Country|Region|NUTS code|Postal seizure|Border post|Event date
    Sample number|Case number|Reference|CAS number|InChIKey|SMILES|Quantity|Unit|Purity %|Method
    Identification|Number of seizures|Units|Tablets|Hospital|Death county|Residence county
    Straßenname der Substanz|Substanzname|Probennummer|Eingangsdatum|Ereignisdatum|Art|Menge
    Bundesland (NUTS)|Reinheit %|Nom de la substance|Nom du laboratoire|Nombre de la sustancia
    Nome della sostanza|Nazwa substancji|Numer próbki|Stofnaam|Ämnesnamn|Data zdarzenia|Fecha
    Data|Numéro d'échantillon|Numero campione|Mass|Drug|Route|Site|Source|week|region|substances
    Manner of death|Description of injury|Injury place|Other significant conditions|NIR|mg/ml
""".replace("\n", "|")


def split(headings: str) -> list[str]:
    return [heading.strip() for heading in headings.split("|") if heading.strip()]


@pytest.mark.parametrize("heading", split(PERSONAL_HEADINGS))
def test_a_heading_of_personal_data_is_refused_by_name(heading: str) -> None:
    error = find_personal_column(["Sample", heading], [])
    assert error is not None
    assert error.column == heading


@pytest.mark.parametrize("heading", split(HARMLESS_HEADINGS))
def test_a_heading_of_evidence_passes(heading: str) -> None:
    assert find_personal_heading(heading) is None


@pytest.mark.parametrize("name", list_profiles())
def test_no_heading_of_a_shipped_profile_is_taken_for_personal(name: str) -> None:
    assert [
        text for text in load_profile(name).list_headings() if find_personal_heading(text)
    ] == []


@pytest.mark.parametrize(
    ("values", "looks_like"),
    [
        pytest.param(["x", "anna@example.org"], "an e-mail address", id="e-mail"),
        pytest.param(["+43 660 1234567"], "a phone number", id="phone"),
        pytest.param(["GB82 WEST 1234 5698 7654 32"], "a bank account", id="IBAN"),
        pytest.param(["RSSMRA85T10A562S"], "a national number", id="codice fiscale"),
        pytest.param(["255081416802538"], "a national number", id="NIR"),
        pytest.param(["078-05-1120"], "a national number", id="US social security"),
        pytest.param(["PESEL 44051401359"], "a national number", id="with its label"),
    ],
)
def test_a_column_with_such_a_cell_is_refused(values: list[str], looks_like: str) -> None:
    error = find_personal_column(["Remarks"], [[value] for value in values])
    assert error is not None
    assert error.looks_like == f"a column with {looks_like}"
    assert not any(value in str(error) for value in values if len(value) > 1)


@pytest.mark.parametrize(
    "numbers",
    [
        # Check digits by hand from the published rules, birth dates 1944 to 1999.
        pytest.param("44051401359 02070803628 90090515836 92071314764 81100216357", id="PESEL"),
        pytest.param("12345678Z 00000000T 00000001R X1234567L 87654321X", id="DNI"),
        pytest.param("811228-9874 670919-9530 900118-9811 640823-3234 121212-1212", id="Swedish"),
    ],
)
def test_a_column_of_national_numbers_is_refused(numbers: str) -> None:
    error = find_personal_column(["Code"], [[number] for number in numbers.split()])
    assert error is not None
    assert error.looks_like == "national numbers"


def test_a_column_called_name_depends_on_what_stands_in_it() -> None:
    assert find_personal_column(["Name"], [["cocaine"], ["4-CMC"], ["Fentanyl"]]) is None
    assert find_personal_column(["Name"], [["Anna Berg"], ["Müller, Jörg"]]) is not None
    assert find_personal_column(["Name"], []) is not None


def test_dates_that_spread_like_births_are_refused_and_dates_of_events_are_not() -> None:
    chance = random.Random(7)
    births = [[f"{chance.randint(1, 28):02}.05.{chance.randint(1945, 2005)}"] for _ in range(60)]
    start = datetime.date(2024, 1, 1)
    events = [[str(start + datetime.timedelta(chance.randint(0, 700)))] for _ in range(60)]
    history = [[f"{year}-06-01"] for year in range(1985, 2026)]
    error = find_personal_column(["Datum 2"], births)
    assert error is not None
    assert error.looks_like == "birth dates"
    assert find_personal_column(["Datum"], events) is None
    assert find_personal_column(["Datum"], history) is None


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-21",
        "21.11.2026 09:40",
        "AT-2026-0113",
        "12345678901",
        "00431234567",
        "50-36-2",
        "437-38-7",
        "1609-66-5",
        "ZPUCINDJVBIVPJ-LJISPDSOSA-N",
        "C[C@@H](N)Cc1ccccc1",
        "COC(=O)[C@H]1[C@@H](OC(=O)C2=CC=CC=C2)C[C@@H]2CC[C@H]1N2C",
        "[Na+].[O-]C(=O)CCCO",
        "(+)-methamphetamine",
        "3,4-methylenedioxy-N-methylamphetamine",
        "1 234 567,25 mg",
        "GC-MS + LC-HRMS",
        "DE212",
        "tablets 120",
        "hotel 17",
    ],
)
def test_evidence_is_not_taken_for_personal_data(text: str) -> None:
    assert find_personal_text(text) is None


@given(
    st.dates(datetime.date(1990, 1, 1)).map(lambda day: day.strftime("%d.%m.%Y"))
    | st.dates(datetime.date(1990, 1, 1)).map(str)
    | st.decimals(0, 10**9, places=4).map(str)
    | st.from_regex(r"[1-9]\d{1,6}-\d{2}-\d", fullmatch=True)
    | st.from_regex(r"[A-Z]{14}-[A-Z]{10}-[A-Z]", fullmatch=True)
    | st.from_regex(r"[A-Z]{1,3}-\d{4}-\d{3,6}", fullmatch=True)
)
def test_dates_quantities_and_identifiers_never_look_personal(text: str) -> None:
    assert find_personal_text(text) is None


@given(st.text(max_size=60), st.lists(st.text(max_size=40), max_size=5))
def test_looking_for_personal_data_never_raises_anything_else(
    heading: str, values: list[str]
) -> None:
    error = find_personal_column([heading], [[value] for value in values])
    assert error is None or isinstance(error, PersonalDataError)


def test_a_heading_that_is_itself_personal_is_not_repeated() -> None:
    with pytest.raises(PersonalDataError) as raised:
        require_no_personal_columns(["a", "anna@example.org"], [])
    assert raised.value.column == "number 2"
    assert "anna" not in str(raised.value)
