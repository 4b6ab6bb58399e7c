"""Personal data inside one text: a cell, a remark, a field of a form.

Only forms that evidence never has. No digits alone: a case reference fits a rule of check digits
by chance, so a bare number is judged by its label here, or with its column elsewhere.
"""

import re

from tocsin.reports.formats.personal_data.national_numbers import (
    ITALIAN_CODE,
    is_belgian_number,
    is_finnish_number,
    is_french_number,
    is_iban,
    is_italian_code,
    is_payment_card,
)

EMAIL_IN_TEXT = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}(?![\w(\[=])")
PHONE_IN_TEXT = re.compile(
    r"(?<![\w+)(])\+\d{1,3}[ ()/.-]{0,3}\d(?:[ ()/.-]{0,2}\d){6,12}(?!\w)"
    r"|\b(?:tel|telefon|phone|mobil\w*|handy|fax)\b[ .:]{0,3}[\d+(][\d ()/.-]{5,}\d",
    re.IGNORECASE,
)
LABELLED_NUMBER_IN_TEXT = re.compile(
    r"\b(?:pesel|dni|nie|nif|ssn|bsn|nhs|personnummer|codice fiscale|passport|reisepass|passeport|"
    r"paszport|pasaporte|cpr|hetu|henkilötunnus|rodné číslo|egn|cnp|oib|emšo|jmbg|pps(?:n)?|"
    r"isikukood|asmens kodas|personas kods|steuer-?id(?:nr)?|sv-?nr|svnr|amka|"
    r"sozialversicherungsnummer|rijksregisternummer|numéro de sécurité sociale|nir)"
    r"\b\W{0,3}(?:n[or°º]\W{0,2})?\w{0,3}[\d. /-]{0,7}\d{5}",
    re.IGNORECASE,
)
BIRTH_IN_TEXT = re.compile(
    r"\b(?:born|d\.?o\.?b\.?|date of birth|birth ?date|geb(?:oren|urtsdatum)?\.?|né|née|nacid[oa]|"
    r"nat[oa]|geboren|geboortedatum|ur(?:odzon[ya])?\.?|nascid[oa]|född|født|syntynyt|narozena?)"
    r"[ :]{0,2}(?:on |am |le |el |il |op |em |den |dnia )?"
    r"(?:\d{1,2}[-./ ]{1,2}(?:\d{1,2}|[^\W\d]{3,10})\.?[-./ ]{1,2}\d{2,4}|\d{4}-\d\d-\d\d)",
    re.IGNORECASE,
)
ADDRESS_IN_TEXT = re.compile(
    r"\b[A-ZÄÖÜ][\w-]+(?:straße|strasse|gasse|straat|gracht|laan) \d{1,4}(?!\w*[.,]?\d| ?[mk]?[gl]\b)"
    r"|\b[A-ZÄÖÜ][\w-]+(?:er|-) (?:Straße|Strasse|Str\.) \d{1,4}"
    r"|\b\d{1,4}[a-z]?,? (?:bis |ter )?(?:rue|avenue|boulevard|chemin|impasse) (?:de |du |d’|d'|la )"
    r"|\b\d{1,4}[a-z]? [A-Z][a-z]+ (?:Street|Road|Avenue|Lane|Drive|Terrace)\b"
    r"|\b(?:[Cc]alle|[Aa]venida) [A-ZÁÉÍÓÚÑ]\w+(?: \w+){0,3},? (?:n\.?º? ?)?\d{1,4}\b"
    r"|\b(?:Via|Viale|Corso) [A-Z]\w+(?: [A-Z]\w+){0,2}, ?(?:n\. ?)?\d{1,4}(?! ?[mk]?[gl]\b)"
    r"|\bul\. ?[A-ZŁŚŻ]\w+(?: \w+)? \d{1,4}\b"
)
NAME_IN_TEXT = re.compile(
    r"\b(?i:patient(?:in)?|victim|deceased|suspect|verstorbene[r]?|opfer|paziente|paciente|patiënt|"
    r"pacjent(?:ka)?|name|nom|nombre|nome|naam|imię i nazwisko)(?:’s|'s)?(?i: name)? ?[:=] ?"
    r"(?:[A-ZÀ-ÖØ-ÞŁŚŻŹĆ][a-zß-öø-ÿłśżźćńęą’'-]+,? ){1,2}[A-ZÀ-ÖØ-ÞŁŚŻŹĆ][a-zß-öø-ÿłśżźćńęą’'-]+"
    r"|\b(?:Frau|Herrn?|Mrs\.?|Madame|Monsieur|Signora?|Signor|Señora?|[Mm]evrouw|[Mm]eneer) "
    r"[A-ZÀ-ÖØ-ÞŁŚŻŹĆ][a-zß-öø-ÿłśżźćńęą’'-]{2,}"
)
US_SOCIAL_SECURITY = re.compile(r"(?<![\w-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w-])")
FRENCH_NUMBER = re.compile(r"\b[12] ?\d{2} ?(?:0[1-9]|1[0-2]) ?\d[\dAB] ?\d{3} ?\d{3} ?\d{2}\b")
BELGIAN_NUMBER = re.compile(r"\b\d{2}\.\d{2}\.\d{2}-\d{3}\.\d{2}\b")
FINNISH_NUMBER = re.compile(r"\b\d{6}[-+A-FU-Y]\d{3}[0-9A-Y]\b")
CARD_IN_GROUPS = re.compile(r"(?<![\w-])\d{4}([ -])\d{4}\1\d{4}\1\d{4}(?![\w-])")
IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b")
WORTH_A_LOOK = re.compile(
    r"@|\+\d|\d{5}|\d{4}[ -]\d{4}|-\d\d-\d{4}|\d\.\d\d-\d|[A-Z]{6}\d\d|\d \d\d \d\d |"
    r"tel|phone|mobil|handy|fax",
    re.IGNORECASE,
)
WORDS_IN_TEXT: tuple[tuple[str, re.Pattern[str], re.Pattern[str]], ...] = (
    ("a birth date", re.compile(r"[^\W\d][ :.]{1,3}\d[\d -./]"), BIRTH_IN_TEXT),
    (
        "an address",
        re.compile(r"[a-zß-ÿ.], ?\d|[a-zß-ÿ.] \d|\d[a-z]?,? [A-Zabcir]"),
        ADDRESS_IN_TEXT,
    ),
    (
        "the name of a person",
        re.compile(
            r"[:=] ?[A-ZÀ-Þ]|Frau |Herrn? |Mrs|Madame |Monsieur |Signor|Señor|evrouw |eneer "
        ),
        NAME_IN_TEXT,
    ),
)
"""What it is, what is quickly looked for first, and what decides."""


def find_personal_text(text: str) -> str | None:
    """Find what personal data stands in one text, in words, or None.

    E-mail addresses, international phone numbers, names and birth dates with a label, addresses
    with street and number, numbers with a label, or with a distinct form and check digits that
    hold.

    >>> find_personal_text("call anna@example.org"), find_personal_text("C[C@@H](N)Cc1ccccc1")
    ('an e-mail address', None)
    >>> find_personal_text("found at Hauptstraße 12"), find_personal_text("Patient: Anna Berg")
    ('an address', 'the name of a person')
    """
    if WORTH_A_LOOK.search(text) and (found := _find_number(text)):
        return found
    return next(
        (kind for kind, hint, form in WORDS_IN_TEXT if hint.search(text) and form.search(text)),
        None,
    )


def _find_number(text: str) -> str | None:
    if EMAIL_IN_TEXT.search(text):
        return "an e-mail address"
    if PHONE_IN_TEXT.search(text):
        return "a phone number"
    if (
        LABELLED_NUMBER_IN_TEXT.search(text)
        or US_SOCIAL_SECURITY.search(text)
        or any(is_italian_code(found) for found in ITALIAN_CODE.findall(text.upper()))
        or any(is_french_number(found) for found in FRENCH_NUMBER.findall(text))
        or any(is_belgian_number(found) for found in BELGIAN_NUMBER.findall(text))
        or any(is_finnish_number(found) for found in FINNISH_NUMBER.findall(text))
    ):
        return "a national number"
    if any(is_iban(found) for found in IBAN.findall(text)):
        return "a bank account"
    if any(is_payment_card(found[0]) for found in CARD_IN_GROUPS.finditer(text)):
        return "a payment card"
    return None
