"""Headings of personal data are told in the languages of the Union and its neighbours."""

import tomllib
from importlib.resources import files

import pytest

from tocsin.reports.formats.fields import FIELDS
from tocsin.reports.formats.personal_data import find_personal_column, find_personal_heading
from tocsin.reports.formats.profiles import list_profiles, load_profile
from tocsin.reports.record.definition import RECORD

# Per language: surname, birth date, address, telephone, number of a person, name of a patient.
HEADINGS = {
    "bg": "Фамилия|Дата на раждане|Адрес|Телефон|ЕГН|Име на пациента",
    "cs": "Příjmení|Datum narození|Bydliště|Telefon|Rodné číslo|Jméno pacienta",
    "da": "Efternavn|Fødselsdato|Adresse|Telefonnummer|CPR-nummer|Patientens navn",
    "de": "Nachname|Geburtsdatum|Straße/Hausnr.|Handynummer|SV-Nr.|Name des Opfers",
    "el": "Επώνυμο|Ημερομηνία γέννησης|Διεύθυνση|Τηλέφωνο|ΑΜΚΑ|Όνομα ασθενούς",
    "en": "Surname|Date of birth|Home Address 2|Phone no.|NHS number|Patient's name",
    "es": "Apellidos|Fecha de nacimiento|Dirección|Teléfono|DNI|Nombre de la víctima",
    "et": "Perekonnanimi|Sünniaeg|Aadress|Telefon|Isikukood|Patsiendi nimi",
    "fi": "Sukunimi|Syntymäaika|Osoite|Puhelin|Henkilötunnus|Potilaan nimi",
    "fr": "Prénom|né le|Adresse postale|Téléphone|Numéro de sécurité sociale|Nom de la victime",
    "ga": "Sloinne|Dáta breithe|Seoladh|Guthán|Uimhir PSP|Ainm an othair",
    "hr": "Prezime|Datum rođenja|Prebivalište|Mobitel|OIB|Ime pacijenta",
    "hu": "Vezetéknév|Születési idő|Lakcím|Telefonszám|TAJ szám|Beteg neve",
    "is": "Eiginnafn|Fæðingardagur|Heimilisfang|Sími|Kennitala|Nafn sjúklings",
    "it": "Cognome|Data di nascita|Indirizzo|Cellulare|Codice fiscale|Nome del paziente",
    "lt": "Pavardė|Gimimo data|Adresas|Telefonas|Asmens kodas|Paciento vardas",
    "lv": "Uzvārds|Dzimšanas datums|Adrese|Tālrunis|Personas kods|Pacienta vārds",
    "mt": "Kunjom|Data tat-twelid|Indirizz|Mowbajl|Karta tal-identità|Isem il-pazjent",
    "nl": "Achternaam|Geboortedatum|Woonadres|Telefoon|BSN|Naam van de patiënt",
    "no": "Etternavn|Fødselsdato|Bostedsadresse|Tlf.|Fødselsnummer|Pasientens navn",
    "pl": "Nazwisko|Data urodzenia|Adres zamieszkania|Numer telefonu|PESEL|Imię pacjenta",
    "pt": "Apelido|Data de nascimento|Morada|Telemóvel|Número de utente|Nome do doente",
    "ro": "Prenume|Data nașterii|Adresa|Telefon|CNP|Numele pacientului",
    "ru": "Фамилия|Дата рождения|Домашний адрес|Телефон|СНИЛС|Имя пациента",
    "sk": "Priezvisko|Dátum narodenia|Bydlisko|Telefón|Rodné číslo|Meno pacienta",
    "sl": "Priimek|Datum rojstva|Naslov prebivališča|Telefon|EMŠO|Ime bolnika",
    "sv": "Efternamn|Födelsedatum|Bostadsadress|Mobilnummer|Personnummer|Offrets namn",
    "tr": "Soyadı|Doğum tarihi|Ev adresi|Cep telefonu|T.C. Kimlik No|Hastanın adı",
    "uk": "Прізвище|Дата народження|Адреса проживання|Телефон|РНОКПП|Ім'я пацієнта",
}
KINDS = (
    *("names of persons", "birth dates", "addresses", "phone numbers"),
    *("national, insurance or patient numbers", "names of persons"),
)
OTHER_PERSONAL = """
    Initials|Initialen|Name (last, first)|NameOfPatient|victim_name|Next of kin|Officer name|GP name
    Kennzeichen|Licence plate|Postcode|PLZ|PLZ/Ort|Date of birth (dd/mm/yyyy)|Patient DOB|ФИО|E-Mail
    Name of the deceased|Patient's surname|Patienten-Nr.|Signature|Sachbearbeiter|Médecin traitant
"""
HARMLESS = """
    Victim|Victims|Patients|Number of patients|Victims (number)|User|Users|Number of users|Client
    cell|Cell line|Pass|PASS/FAIL|Deceased|Date of death|Place of death|Patient outcome|Patient sex
    Patient age band|Officer|Driver|Analyst|Suspect sample|Suspect substance|Victim count|NIR
    Street price (EUR)|Street drug name|Site address type|Mail parcel|Mobile phase|Mother liquor
    Municipality|Gemeinde|NUTS 3|County|Town|Birth control|Reporter|Setting|Role|Drug user group
"""


def split(headings: str) -> list[str]:
    return [
        heading.strip() for heading in headings.replace("\n", "|").split("|") if heading.strip()
    ]


def test_every_language_of_the_union_has_words_of_every_kind() -> None:
    table = tomllib.loads(
        files("tocsin.reports.formats.personal_data").joinpath("headings.toml").read_text("utf-8")
    )
    languages = {kind: set(words) for kind, words in table.items()}

    assert len(HEADINGS) == 24 + len({"is", "no", "ru", "tr", "uk"})
    assert {
        kind: set(HEADINGS) - held for kind, held in languages.items() if "all" not in held
    } == {kind: set() for kind in ("names", "births", "addresses", "phones", "numbers")}


def test_headings_of_every_language_are_told_by_their_kind() -> None:
    told = {
        language: [find_personal_heading(heading) for heading in headings.split("|")]
        for language, headings in HEADINGS.items()
    }

    assert told == {language: list(KINDS) for language in HEADINGS}


def test_letter_case_accents_and_punctuation_do_not_matter() -> None:
    written = ("ΔΙΕΎΘΥΝΣΗ:", "διευθυνση", "DATA NASTERII", "rodne-cislo", "Syntymaaika", "PRIIMEK")

    assert None not in map(find_personal_heading, written)


def test_further_personal_headings_are_refused_and_those_of_evidence_are_not() -> None:
    assert [text for text in split(OTHER_PERSONAL) if not find_personal_heading(text)] == []
    assert [text for text in split(HARMLESS) if find_personal_heading(text)] == []


def test_no_heading_of_our_own_templates_and_profiles_is_taken_for_personal() -> None:
    ours = [*FIELDS, *(str(field.label) for field in RECORD)]
    for name in list_profiles():
        ours += load_profile(name).list_headings()

    assert len(ours) > 150
    assert [text for text in ours if find_personal_heading(text)] == []


@pytest.mark.parametrize(
    ("values", "looks_like"),
    [
        pytest.param(["Anna Berg", "Müller, Jörg"], "names of persons", id="names"),
        pytest.param(["Γιώργος Παππάς", "Ελένη Νικολάου"], "names of persons", id="Greek names"),
        pytest.param(["1", "3", ""], None, id="counts"),
        pytest.param(["male adult", "unknown"], None, id="words"),
        pytest.param([], None, id="nothing below"),
    ],
)
def test_a_word_for_a_person_is_judged_by_what_stands_below_it(
    values: list[str], looks_like: str | None
) -> None:
    error = find_personal_column(["Victim"], [[value] for value in values])

    assert (error.looks_like if error else None) == looks_like
