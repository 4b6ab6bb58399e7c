"""Personal data are refused at the door, and evidence is not taken for them."""

import csv
import datetime
import gzip
import random
from collections.abc import Callable, Iterator
from pathlib import Path

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

SHARED = Path(__file__).parents[4] / "shared" / "data"

PERSONAL_HEADINGS = """
    Surname|First name|last_name|FirstName|Full name|Name of patient|Patient name|Victim's name
    Forename|DOB|D.O.B.|Date of birth|birth_date|BirthDate|Year of birth|Address
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


def close_modulo_11(body: str, weights: tuple[int, ...], *, is_complement: bool) -> str:
    """Append the check digit of a weighing modulo 11; the next body where there is none."""
    rest = sum(int(sign) * weight for sign, weight in zip(body, weights, strict=True)) % 11
    check = -rest % 11 if is_complement else rest
    if check == 10:
        return close_modulo_11(
            f"{int(body) + 1:0{len(body)}}", weights, is_complement=is_complement
        )
    return f"{body}{check}"


def close_luhn(body: str) -> str:
    doubled = [int(sign) * (2 - place % 2) for place, sign in enumerate(reversed(body))]
    return f"{body}{-sum(value // 10 + value % 10 for value in doubled) % 10}"


def close_iso_7064(body: str) -> str:
    rest = 10
    for sign in body:
        rest = ((rest + int(sign)) % 10 or 10) * 2 % 11
    return f"{body}{(11 - rest) % 10}"


def close_czech(body: int) -> str:
    check = -(body * 10) % 11
    return close_czech(body + 1) if check == 10 else f"{body}{check}"


def close_irish(body: str) -> str:
    total = sum(int(sign) * weight for sign, weight in zip(body, range(8, 1, -1), strict=True))
    return body + "WABCDEFGHIJKLMNOPQRSTUV"[total % 23]


# Invented numbers, closed by the rule of their issuer as it is published, written here anew.
MAKERS: dict[str, Callable[[int], str]] = {
    "Dutch": lambda n: close_modulo_11(
        f"{12345670 + 7 * n}", (9, 8, 7, 6, 5, 4, 3, 2), is_complement=False
    ),
    "Belgian": lambda n: f"{(body := 850730030 + n)}{97 - body % 97:02}",
    "Portuguese": lambda n: close_modulo_11(
        f"{12345670 + 11 * n + 200000000}"[:8], (9, 8, 7, 6, 5, 4, 3, 2), is_complement=True
    ),
    "German": lambda n: close_iso_7064(f"112345678{n}"[::-1]),
    "Croatian": lambda n: close_iso_7064(f"{9457740310 + n}"),
    "Romanian": lambda n: close_modulo_11(
        f"{180010122110 + n}", (2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9), is_complement=False
    ),
    "Czech": lambda n: close_czech(710319270 + 7 * n),
    "Bulgarian": lambda n: close_modulo_11(
        f"{752316920 + n}", (2, 4, 8, 5, 10, 9, 7, 3, 6), is_complement=False
    ),
    "Lithuanian": lambda n: close_modulo_11(
        f"{3760503020 + n}", (1, 2, 3, 4, 5, 6, 7, 8, 9, 1), is_complement=False
    ),
    "Slovenian": lambda n: close_modulo_11(
        f"{101006500000 + n:012}"[:12].rjust(12, "0"), (7, 6, 5, 4, 3, 2) * 2, is_complement=True
    ),
    "Irish": lambda n: close_irish(f"{1234560 + n}"),
    "Danish": lambda n: close_modulo_11(
        f"{70761420 + n:09}", (4, 3, 2, 7, 6, 5, 4, 3, 2), is_complement=True
    ),
    "Greek": lambda n: close_luhn(f"{101309990 + n:010}"),
}

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
        pytest.param(["rodné číslo 710319/2745"], "a national number", id="Czech, with its label"),
        pytest.param(["seen by 131052-308T"], "a national number", id="Finnish"),
        pytest.param(["85.07.30-033.28"], "a national number", id="Belgian"),
        pytest.param(["paid 4111 1111 1111 1111"], "a payment card", id="payment card"),
        pytest.param(["man, born 12.05.1980, found dead"], "a birth date", id="birth date"),
        pytest.param(["née le 12 mai 1980"], "a birth date", id="birth date in words"),
        pytest.param(["geb. 12.5.80"], "a birth date", id="short birth date"),
        pytest.param(["found at Hauptstraße 12a"], "an address", id="German address"),
        pytest.param(["12 rue de la Paix"], "an address", id="French address"),
        pytest.param(["lived at 10 Baker Street"], "an address", id="English address"),
        pytest.param(["Calle Mayor, 5"], "an address", id="Spanish address"),
        pytest.param(["in Via Garibaldi, 7"], "an address", id="Italian address"),
        pytest.param(["ul. Kwiatowa 5"], "an address", id="Polish address"),
        pytest.param(["Patient: Anna Berg"], "the name of a person", id="name with its label"),
        pytest.param(["told by Frau Müller"], "the name of a person", id="name with its title"),
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
        *(
            pytest.param(" ".join(make(number) for number in range(6)), id=name)
            for name, make in MAKERS.items()
        ),
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
        "240512-1234",
        "240512/1234",
        "11223344556",
        "via Amsterdam 12 kg",
        "Mr. Nice Guy",
        "Patient Liquid Ecstasy",
        "born in 1980",
        "bought on the street, 10 g",
        "NIR spectrum 12345",
        "GC-MS 2026-11-21 10:15",
        "name: cocaine",
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


def read_shared_tables() -> Iterator[tuple[str, list[str], list[list[str]]]]:
    """Real files: deaths, seizures, names of substances with their identifiers, declarations."""
    for pattern in ("deaths/*.csv.gz", "seizures/*.csv", "substances/*.csv", "trade/customs/*.csv"):
        for path in sorted(SHARED.glob(pattern)):
            content = path.read_bytes()
            unpacked = gzip.decompress(content) if path.suffix == ".gz" else content
            headings, *rows = csv.reader(unpacked.decode().splitlines())
            yield path.name, headings, rows


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="needs ../shared/data")
def test_nothing_in_real_files_is_taken_for_personal() -> None:
    looked_at = 0
    for name, headings, rows in read_shared_tables():
        assert find_personal_column(headings, rows) is None, name
        texts = {cell for row in rows for cell in row}
        assert {text for text in texts if find_personal_text(text)} == set(), name
        looked_at += len(texts)
    assert looked_at > 50_000


@given(st.integers(0, 10**9), st.integers(1, 9))
def test_case_references_in_order_are_no_national_numbers(first: int, step: int) -> None:
    references = [[str(first + 10**9 + step * place)] for place in range(60)]
    assert find_personal_column(["Case"], references) is None
