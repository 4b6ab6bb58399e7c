"""Persons named in running text are told in many languages, and goods are not taken for them."""

import random
import time

import pytest

from tocsin.errors import RefusedError
from tocsin.reports.formats.personal_data import (
    find_personal_remark,
    find_personal_text,
    require_impersonal,
)

# Per language: a name, a birth date, an address, a number with its label. Invented, or examples
# of the issuers.
SENTENCES = {
    "bg": "пострадалият Иван Петров|роден на 12.03.1985|ул. Раковски 12|ЕГН 7523169263",
    "cs": "pacienta Jana Nováková|narozen 12. 3. 1985|Václavské náměstí 5|rodné číslo 710319/2745",
    "da": "fru Hansen|født 12.03.1985|Vesterbrogade 3|CPR 070761-4285",
    "de": "Frau Dr. Schmidt|geb. 12.3.85|Hauptstr. 12, 1010 Wien|SV-Nummer 1237 010180",
    "el": "Ο ασθενής Γιώργος Παππάς|γεννήθηκε στις 12/03/1985|Οδός Σταδίου 15|ΑΜΚΑ 12038512345",
    "en": "the patient, John Smith, was|born March 12, 1985|221B Baker Street|NHS 943 476 5919",
    "es": "la víctima, María Pérez,|nacido el 12 de marzo de 1985|C/ Mayor 5|DNI 12345678Z",
    "et": "proua Tamm|sündinud 12. märtsil 1985|Pikk tn 5|isikukood 37605030299",
    "fi": "potilas Matti Virtanen|syntynyt 12.3.1985|Mannerheimintie 12|hetu 131052-308T",
    "fr": "M. Dupont|né le 12 mars 1985|12, rue Victor Hugo|1 85 03 75 116 001 46",
    "ga": "an t-othar Seán Murphy|rugadh 12 Márta 1985|12 O'Connell Street|PPSN 1234567T",
    "hr": "žrtva Ivan Horvat|rođen 12. ožujka 1985.|Ilica ulica 5|OIB: 94577403194",
    "hu": "a beteg Kovács István|1985. március 12-én született|Kossuth utca 12|TAJ 123 456 789",
    "is": "sjúklingurinn Jón Sigurðsson|fædd 12.3.1985|Laugavegur 12|kennitala 120174-3399",
    "it": "Sig. Rossi|nato il 12 marzo 1985|Via Roma 12|codice fiscale RSSMRA85T10A562S",
    "lt": "pacientas Jonas Kazlauskas|gimęs 1985-03-12|Gedimino pr. 9|asmens kodas 37605030299",
    "lv": "Kalniņa kundze|dzimis 12.03.1985|Brīvības iela 5|personas kods 010180-12345",
    "mt": "il-pazjent Joseph Borg|imwieled fit-12 ta' Marzu 1985|Triq ir-Repubblika 12|ID card 123456",
    "nl": "dhr. Jansen|geboren op 12 maart 1985|Kerkstraat 12|BSN 111222333",
    "no": "pasienten Kari Hansen|født 12. mars 1985|Storgata 5|fødselsnummer 120385 12345",
    "pl": "Pani Kowalska|ur. 12.03.1985|ul. Kwiatowa 5|PESEL 44051401359",
    "pt": "vítima João da Silva|nascido em 12 de março de 1985|Rua Augusta 100|NIF: 123456789",
    "ro": "dna. Popescu|născut la 12 martie 1985|str. Mihai Eminescu 5|CNP 1800101221144",
    "ru": "Пациент: Иван Петров|12.03.1985 г.р.|улица Ленина 12|паспорт 4509 123456",
    "sk": "pani Nováková|narodená 12. marca 1985|Hlavná 5, 81101 Bratislava|rodné číslo 710319/2745",
    "sl": "pokojni Janez Novak|rojen 12. marca 1985|Trubarjeva ulica 5|EMŠO 0101006500006",
    "sv": "offret Lars Nilsson|född 12 mars 1985|Storgatan 5|personnummer 811228-9874",
    "tr": "şüpheli Mehmet Yılmaz|doğum tarihi 12.03.1985|Atatürk Cad. 5|TC kimlik 12345678901",
    "uk": "пацієнт Тарас Шевченко|народилася 12.03.1985|вул. Хрещатик 22|РНОКПП, паспорт 123456789",
}
KINDS = ("the name of a person", "a birth date", "an address", "a national number")
OTHER_PERSONAL = {
    "the name of a person": """
        Patient Anna Berg|patient named John Smith|victim John Smith|Mr Smith collapsed|Ms Doe
        Mr. John Smith|Hr. Müller|Mme Dupont|Mme Anna DUPONT|M. DUPONT|Herr MÜLLER|Pan Jan Kowalski
        Patient ANNA BERG|Patient BERG Anna|patient: Müller, Jörg|Patient A. Berg|Name: Anna Berg
        Surname: Berg|Patient's name is John Smith|Imię i nazwisko: Jan Kowalski|ФИО: Иван Петров
        Ονοματεπώνυμο: Γιώργος Παπαδόπουλος|κ. Παπαδόπουλος|г-н Иванов|Ahmet Bey|Dr. Huber
        slachtoffer Piet de Vries|the patient Anna was found""",
    "a national number": """
        NHS number 9434765919|passport number X1234567|NI number QQ123456C|078-05-1120
        Steuer-ID 86095742719|rijksregisternummer 85.07.30-033.28""",
    "a birth date": "* 12.03.1985|Ημερομηνία γέννησης: 12/03/1985|DOB 12/03/85|born 12th March 1985",
    "an address": """
        Mariahilferstr. 45|Am Graben 7|12 av. Foch|12 bis rue de la Paix|Kärntner Straße 12
        D-10115 Berlin|SW1A 1AA|10 Downing Street, London""",
    "a phone number": "0664 1234567|06 12 34 56 78|tel. 650 123456|Handy 0650/1234567|0043 660 123456",
    "an e-mail address": "a@b.at|ask anna@example.org",
    "a payment card": "4111111111111111|paid 4111 1111 1111 1111|378282246310005",
}
HARMLESS = """
    name: Pink Superman|brand name: Blue Punisher|street name: Mister Blister|Via Milano, 12 kg
    Frau Holle sticker|evidence bag 123-45-6789|20 Blue Street pills|Patient Liquid Ecstasy
    Mr. Nice Guy|Patient Tested Positive For Fentanyl|Patient: Tachykardie, Hypertonie
    Opfer: Heroin, Kokain|patient in Intensive Care|Patient Emergency Department|Victim: Male Adult
    Donald Trump tablets 210 mg|Albert Hofmann blotter|Mary Jane|Dr. Martens logo|Peter Pan logo
    Herr der Ringe logo|suspect arrived from New York|Patient Glasgow Coma Scale 8|0.5 M. Then
    LC-MS Report|Am Montag 12 Tabletten|Am Tag 7|Beutel 12, 5000 Tabletten|Probe 3, 2024 Wien
    5000 Ecstasy|Monitoring 12|Brigade 12|GTIN 4012345678901|04012345678901|NIR 1064 785 nm
    CPR 10:30-11:05|CPR 2026-11-21|NATO 12.05.2024|date of death 12.03.2024|case 44051401359
    Smith et al. Forensic 2024|Square 12 mm|Rolex crown 12x8 mm|S-1234 Ketamin|14.222073594161092
    sample 2024-123 Cocaine|Wastewater Treatment Plant 3|Monte Carlo 200|tel aviv 12|DR Kongo
    patient denies use of Spice Gold|born in Vienna in 1980|Royal Drive 20 pills|Patients: 3
"""


def split(texts: str) -> list[str]:
    return [text.strip() for text in texts.replace("\n", "|").split("|") if text.strip()]


def test_sentences_of_every_language_are_told_by_their_kind() -> None:
    told = {
        language: [find_personal_text(text) for text in texts.split("|")]
        for language, texts in SENTENCES.items()
    }

    assert told == {language: list(KINDS) for language in SENTENCES}


@pytest.mark.parametrize("kind", OTHER_PERSONAL)
def test_further_ways_to_name_a_person_are_told(kind: str) -> None:
    texts = split(OTHER_PERSONAL[kind])

    assert {text: find_personal_text(text) for text in texts} == dict.fromkeys(texts, kind)


def test_evidence_is_not_taken_for_personal_data() -> None:
    taken = {text: kind for text in split(HARMLESS) if (kind := find_personal_text(text))}

    assert taken == {}


@pytest.mark.parametrize(
    "number",
    ["44051401359", "811228-9874", "12345678Z", "0101006500006", "1237 010180", "710319/2745"],
)
def test_a_bare_number_of_a_person_is_refused_in_a_remark_and_not_in_a_reference(
    number: str,
) -> None:
    assert find_personal_remark(f"known as {number}, seen twice") == "a national number"
    assert find_personal_text(number) is None
    assert find_personal_remark(f"exhibit {number}") is None


def test_a_reason_is_refused_by_its_name_and_never_repeated() -> None:
    with pytest.raises(RefusedError, match="reason: looks like the name of a person") as raised:
        require_impersonal("report 7, reason", "asked by Mrs Berg")

    assert "Berg" not in str(raised.value)


def test_long_texts_are_read_in_time_that_grows_with_them() -> None:
    chance = random.Random(3)
    words = "Patient ul. Via Mr. Anna born tel. nr 12 1985 , : Hauptstr. rue 5 PESEL * geb. 06 A."
    mixed = " ".join(chance.choice(words.split()) for _ in range(5_000))
    texts = (
        "A" * 20_000,
        "Patient " * 2_500,
        "1 " * 10_000,
        "born a " * 3_000,
        "5-" * 9_000,
        mixed,
    )
    begun = time.process_time()
    for text in texts:
        find_personal_remark(text)

    assert time.process_time() - begun < 2.0
