"""Refusing personal data at the door: by heading, and by what the cells look like.

Headings are judged in English, German, French, Spanish, Italian, Dutch, Polish, Portuguese and
Swedish. Values are judged by form and check digits, so that dates, sample numbers, CAS numbers,
InChIKeys and quantities pass. No message repeats a cell.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from itertools import islice, pairwise

from tocsin.errors import PersonalDataError
from tocsin.reports.formats.layout import MARK_HEADING

ROWS_SAMPLED = 500
SMALLEST_SHARE = 0.5
FEWEST_NUMBERS = 5
FEWEST_DATES = 20
YEARS_OF_LIFE_SPAN = 25

PERSON = (
    r"(patient\w*|person|deceased|decedent|victim|suspect|offender|donor|client|user|owner|"
    r"verstorbenen?|opfer|beschuldigten?|paciente|paziente|doente|utente|pacjent\w*|malade|"
    r"defunt|fallecido|difunto|deceduto|overledene|overleden|zmarl\w+|avliden\w*)"
)
NAMES = (
    rf"(sur|fore|maiden|middle|family|first|last|given|full|{PERSON}( s)?) ?names?( of .*)?",
    rf"names?( of)?( the)? {PERSON}",
    rf"{PERSON}",
    r"name (surname|vorname|nachname|prenom|cognome)",
    r".*\b(surname|forename|nachname|familienname|geburtsname|zuname|vornamen?|patientenname)\b.*",
    r".*\b(prenoms?|apellidos?|cognome|nominativo|achternaam|voornaam|voornamen|familienaam)\b.*",
    r".*\b(nazwisk\w*|imie|imiona|sobrenome|apelido|efternamn|fornamn|tilltalsnamn)\b.*",
    rf"(vor und nachname|name des|nom( complet)?( du| de la| de)?|nombres?( del?)?|"
    rf"nome( del?| do| da)?|naam( van)?( de)?|namn( pa)?|nazwa) {PERSON}",
    r"nom de (famille|naissance|jeune fille)|nom complet|nombre completo|nome completo",
    r"nome proprio|volledige naam|(patientens|fullstandigt) namn",
)
BIRTH = (
    r"d ?o ?b|birth|.*\b(birth ?dates?|birth ?days?|dates? of birth|born( on)?|year of birth)\b.*",
    r".*\b(birth ?year|place of birth|birth ?place|naissance|ddn|nacimiento|nascita)\b.*",
    r".*\b(geburts(datum|tag|jahr|ort)|geb (datum|dat)|geboorte(datum|jaar|plaats))\b.*",
    r"geb|.*\b(urodzenia|nascimento|fodelse(datum|dag|ar|ort))\b.*",
)
ADDRESS = (
    r"(home |postal |street |patient |residential |mailing )?address(es)?( line)?( \d)?",
    r".*\b(home|street|postal|residential|mailing|patient) address\b.*",
    r"address (of|at) .*|street|street (and|no|nr|number|address).*|house (no|nr|number)",
    r".*\bresidence (street|address|city|town|zip|postcode)\b.*|place of residence",
    r"(wohn|heim|post|patienten)?(adressen?|anschrift)( \d)?|wohnort|strasse( \d)?",
    r"strasse (und |u )?(haus)?n(r|ummer)|haus ?n(umme)?r|adresses?( \d)?",
    r"adresse postale|adresse (du|de|des|der) .*|(numero (et|de) )?rue|(lieu de )?domicile|calle",
    r"direccion( .*)?|domicilio( .*)?|indirizzo( .*)?|(luogo di )?residenza|via e numero",
    r"adres(gegevens| .*)?|woonadres|woonplaats|straat|straatnaam en huisnummer|huisnummer",
    r"(adres )?zamieszkania|miejsce zamieszkania|ulica( .*)?|endereco( .*)?|morada( .*)?",
    r"adress|hemadress|gatuadress|bostadsadress|bostadsort",
)
PHONE = (
    r"(tele)?phones?( (no|nr|number|numbers|home|work))?|tel( (no|nr|number|num))?",
    r".*\b((tele|cell|mobile|home|work|smart) ?phones?|phone (no|nr|number)|mobile (no|number))\b.*",
    r"mobile|cell|fax( (no|nr|number))?|handy|handynummer|mobil(nummer|telefon)?|rufnummer",
    r".*\b(telefon\w*|telefoon\w*|telefono|telefone|telephone|telemovel|komork\w*)\b.*",
    r"gsm( .*)?|numero de portable|tel portable|movil|cellulare|celular",
)
EMAIL = (
    r".*\be ?mails?\b.*|mail|mailadresse|mail address|courriel|correo( electronico)?",
    r"posta elettronica|epost(adress)?|e post( adress)?|correio eletronico",
)
NATIONAL_NUMBER = (
    r"ssn|.*\b(social security|social insurance|national (id|identity|number|identification))\b.*",
    r".*\bnational insurance\b.*|nino|nhs (no|nr|number)|.*\bpassport\b.*|.*\bidentity card\b.*",
    r"(personal|citizen|tax|health insurance|insurance|insured) ?(id|no|nr|number|code)",
    r"(health )?insurance|id card( .*)?|driver s? ?licen[cs]e( .*)?|driving licen[cs]e( .*)?",
    r"patient ?(id|no|nr|number|identifier|code)|medical record( .*)?|mrn|hospital number",
    r"patienten ?(id|nr|nummer|kennung)|.*\b(sozial|kranken)?versicher(ungs|ten) ?n(umme)?r\b.*",
    r"sv ?n(umme)?r|.*\b(personal)?ausweis ?(nummer|nr)?\b.*|reisepass.*|pass ?n(umme)?r",
    r"steuer ?(id|nummer|identifikationsnummer)|.*\bsecurite sociale\b.*|carte (d identite|vitale)",
    r".*\b(passeport|pasaporte|passaporto|passaporte|paspoort|paszport\w*)\b.*|pass",
    r"(numero|num|n|no|nr|id)( de| del| du| di| do)?( identification)? (patient|paciente|paziente)",
    r"dni|dni nie|nif|.*\bseguridad social\b.*|tarjeta sanitaria|.*\bcodice fiscale\b.*",
    r"tessera sanitaria|carta d identita|bsn|burgerservicenummer|rijksregisternummer",
    r"patient(en)?nummer|pesel|numer (pesel|dowodu|pacjenta)|dowod osobisty|numero de utente",
    r"cartao de cidadao|niss|cpf|numero de contribuinte|personnummer|samordningsnummer",
    r".*\biban\b.*|bank account( .*)?|kontonummer",
)


def _compile(patterns: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))


HEADING_KINDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("e-mail addresses", _compile(EMAIL)),
    ("phone numbers", _compile(PHONE)),
    ("birth dates", _compile(BIRTH)),
    ("national, insurance or patient numbers", _compile(NATIONAL_NUMBER)),
    ("addresses", _compile(ADDRESS)),
    ("names of persons", _compile(NAMES)),
)
BARE_NAMES = frozenset(("name", "names", "namen", "nom", "noms", "nombre", "nome", "naam", "namn"))
PERSON_NAME = re.compile(
    r"[A-ZÀ-ÖØ-ÞŁŚŻŹĆ][\w'’-]*[a-zà-öø-ÿłśżźćńęą],? [A-ZÀ-ÖØ-ÞŁŚŻŹĆ][\w'’. -]*[a-zà-öø-ÿłśżźćńęą]\Z"
)

EMAIL_IN_TEXT = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}(?![\w(\[=])")
PHONE_IN_TEXT = re.compile(
    r"(?<![\w+)(])\+\d{1,3}[ ()/.-]{0,3}\d(?:[ ()/.-]{0,2}\d){6,12}(?!\w)"
    r"|\b(?:tel|telefon|phone|mobil\w*|handy|fax)\b[ .:]{0,3}[\d+(][\d ()/.-]{5,}\d",
    re.IGNORECASE,
)
LABELLED_NUMBER_IN_TEXT = re.compile(
    r"\b(?:pesel|dni|nif|ssn|bsn|nhs|personnummer|codice fiscale|passport)\b\W{0,3}\w{0,3}\d{5}",
    re.IGNORECASE,
)
US_SOCIAL_SECURITY = re.compile(r"(?<![\w-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w-])")
ITALIAN_CODE = re.compile(r"\b[A-Z]{6}\d{2}[ABCDEHLMPRST]\d{2}[A-Z]\d{3}[A-Z]\b")
ITALIAN_ODD_VALUES = (
    *(1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18),
    *(20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23),
)
FRENCH_NUMBER = re.compile(r"\b[12] ?\d{2} ?(?:0[1-9]|1[0-2]) ?\d[\dAB] ?\d{3} ?\d{3} ?\d{2}\b")
IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b")
WORTH_A_LOOK = re.compile(
    r"@|\+\d|\d{5}|\d{4} \d{4}|-\d\d-\d{4}|[A-Z]{6}\d\d|tel|phone|mobil|handy|fax|\d \d\d \d\d ",
    re.IGNORECASE,
)
BIRTH_DATE = re.compile(
    r"(?:(?P<year>\d{4})[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./](?P<late>\d{4}))"
    r"(?:[ T]\d\d:\d\d(?::\d\d)?)?\Z"
)


def find_personal_column(
    headings: Sequence[str], sample_rows: Iterable[Sequence[str]]
) -> PersonalDataError | None:
    """Find the first column that looks like personal data, as the error that refuses it.

    sample_rows: cells in the order of the headings; the first 500 rows are looked at.

    >>> str(find_personal_column(["Sample", "Geburtsdatum"], []))[:46]
    "column 'Geburtsdatum': looks like birth dates;"
    >>> find_personal_column(["street name", "substance name", "date of event"], []) is None
    True
    """
    rows = list(islice(sample_rows, ROWS_SAMPLED))
    for place, heading in enumerate(headings):
        if heading == MARK_HEADING:
            continue
        values = [row[place].strip() for row in rows if place < len(row) and row[place].strip()]
        looks_like = find_personal_heading(heading) or _find_personal_values(heading, values)
        if looks_like:
            label = f"number {place + 1}" if find_personal_text(heading) else heading
            return PersonalDataError(column=label, looks_like=looks_like)
    return None


def require_no_personal_columns(
    headings: Sequence[str], sample_rows: Iterable[Sequence[str]]
) -> None:
    """Raise PersonalDataError for the first column that looks like personal data."""
    error = find_personal_column(headings, sample_rows)
    if error is not None:
        raise error


def find_personal_heading(heading: str) -> str | None:
    """Find what personal data a heading announces, in words, or None.

    >>> find_personal_heading("Numéro de sécurité sociale")
    'national, insurance or patient numbers'
    >>> find_personal_heading("Brand name") is None
    True
    """
    parts = {_plain_words(part) for part in (heading, *heading.split("/"))}
    for part in sorted(parts):
        for looks_like, pattern in HEADING_KINDS:
            if part and pattern.fullmatch(part):
                return looks_like
    return find_personal_text(heading)


def find_personal_text(text: str) -> str | None:
    """Find what personal data stands in one cell, in words, or None.

    Only forms that evidence never has: e-mail addresses, international phone numbers, numbers
    with a label or with check digits that hold.

    >>> find_personal_text("call anna@example.org"), find_personal_text("C[C@@H](N)Cc1ccccc1")
    ('an e-mail address', None)
    """
    if not WORTH_A_LOOK.search(text):
        return None
    if EMAIL_IN_TEXT.search(text):
        return "an e-mail address"
    if PHONE_IN_TEXT.search(text):
        return "a phone number"
    if (
        LABELLED_NUMBER_IN_TEXT.search(text)
        or US_SOCIAL_SECURITY.search(text)
        or any(is_italian_code(found) for found in ITALIAN_CODE.findall(text.upper()))
        or any(is_french_number(found) for found in FRENCH_NUMBER.findall(text))
    ):
        return "a national number"
    if any(is_iban(found) for found in IBAN.findall(text)):
        return "a bank account"
    return None


def _find_personal_values(heading: str, values: Sequence[str]) -> str | None:
    if not values:
        return "names of persons" if _plain_words(heading) in BARE_NAMES else None
    found = next((kind for value in values if (kind := find_personal_text(value))), None)
    if found:
        return f"a column with {found}"
    if _plain_words(heading) in BARE_NAMES and _share(values, _is_person_name) >= SMALLEST_SHARE:
        return "names of persons"
    if len(set(values)) >= FEWEST_NUMBERS and any(
        _share(values, is_number) == 1.0
        for is_number in (is_polish_number, is_spanish_number, is_swedish_number)
    ):
        return "national numbers"
    return "birth dates" if _are_birth_dates(values) else None


def _share(values: Sequence[str], is_kind: Callable[[str], bool]) -> float:
    return sum(map(is_kind, values)) / len(values)


def _is_person_name(text: str) -> bool:
    return bool(PERSON_NAME.match(text))


def _are_birth_dates(values: Sequence[str]) -> bool:
    """Tell whether dates spread as birth dates do: over decades, in no order, most of them old."""
    found = [BIRTH_DATE.match(value) for value in values]
    years = [int(match["year"] or match["late"]) for match in found if match]
    if len(years) < FEWEST_DATES or len(years) < 0.8 * len(values):
        return False
    ordered = sorted(years)
    low, high = ordered[len(ordered) // 10], ordered[-1 - len(ordered) // 10]
    falls = sum(1 for before, after in pairwise(years) if after < before)
    return high - low >= YEARS_OF_LIFE_SPAN and falls >= len(years) // 5


def is_polish_number(text: str) -> bool:
    """Tell whether a text is a PESEL: 11 digits, a possible birth date, check digit holds.

    >>> is_polish_number("44051401359"), is_polish_number("44051401358")
    (True, False)
    """
    if not re.fullmatch(r"[0-9]{11}", text):
        return False
    digits = list(map(int, text))
    weights = (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)
    holds = sum(digit * weight for digit, weight in zip(digits, weights, strict=True)) % 10 == 0
    return holds and 1 <= int(text[2:4]) % 20 <= 12 and 1 <= int(text[4:6]) <= 31


def is_spanish_number(text: str) -> bool:
    """Tell whether a text is a Spanish DNI or NIE: digits and the check letter that belongs.

    >>> is_spanish_number("12345678Z"), is_spanish_number("12345678A")
    (True, False)
    """
    match = re.fullmatch(r"([XYZ]?)(\d{7,8})-?([A-Z])", text.upper(), re.ASCII)
    if not match or len(match[1]) + len(match[2]) != 8:
        return False
    number = int({"": "", "X": "0", "Y": "1", "Z": "2"}[match[1]] + match[2])
    return "TRWAGMYFPDXBNJZSQVHLCKE"[number % 23] == match[3]


def is_swedish_number(text: str) -> bool:
    """Tell whether a text is a Swedish personnummer: birth date, four digits, Luhn check.

    >>> is_swedish_number("811228-9874"), is_swedish_number("811228-9873")
    (True, False)
    """
    match = re.fullmatch(r"(?:19|20)?(\d{2})(\d{2})(\d{2})[-+]?(\d{4})", text, re.ASCII)
    if not match or not (1 <= int(match[2]) <= 12 and 1 <= int(match[3]) % 60 <= 31):
        return False
    total = 0
    for place, digit in enumerate(map(int, "".join(match.groups()))):
        doubled = digit * (2 if place % 2 == 0 else 1)
        total += doubled // 10 + doubled % 10
    return total % 10 == 0


def is_italian_code(text: str) -> bool:
    """Tell whether a text is a codice fiscale whose check letter holds.

    >>> is_italian_code("RSSMRA85T10A562S"), is_italian_code("RSSMRA85T10A562T")
    (True, False)
    """
    if not re.fullmatch(ITALIAN_CODE, text):
        return False
    total = 0
    for place, sign in enumerate(text[:15]):
        value = int(sign) if sign.isdigit() else ord(sign) - ord("A")
        total += ITALIAN_ODD_VALUES[value] if place % 2 == 0 else value
    return chr(ord("A") + total % 26) == text[15]


def is_french_number(text: str) -> bool:
    """Tell whether a text is a French NIR of 15 signs whose key holds (modulo 97).

    >>> is_french_number("2 55 08 14 168 025 38"), is_french_number("2 55 08 14 168 025 39")
    (True, False)
    """
    plain = text.replace(" ", "")
    if len(plain) != 15:
        return False
    number = plain[:13].replace("2A", "19").replace("2B", "18")
    return number.isdigit() and 97 - int(number) % 97 == int(plain[13:])


def is_iban(text: str) -> bool:
    """Tell whether a text is an IBAN whose check digits hold (ISO 13616, modulo 97).

    >>> is_iban("GB82 WEST 1234 5698 7654 32"), is_iban("GB82 WEST 1234 5698 7654 33")
    (True, False)
    """
    plain = text.replace(" ", "")
    if not re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", plain, re.ASCII):
        return False
    return int("".join(str(int(sign, 36)) for sign in plain[4:] + plain[:4])) % 97 == 1


def _plain_words(heading: str) -> str:
    """Return a heading in lower case without accents, words apart (camelCase too)."""
    apart = re.sub(r"(?<=[a-zß-ÿ])(?=[A-ZÀ-Þ])", " ", heading)
    folded = unicodedata.normalize("NFKD", apart.casefold().replace("ł", "l").replace("ø", "o"))
    letters = "".join(sign for sign in folded if not unicodedata.combining(sign))
    return " ".join(re.sub(r"[\W_]+", " ", letters).split())
