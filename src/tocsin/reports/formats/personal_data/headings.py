"""What personal data a heading announces.

In English, German, French, Spanish, Italian, Dutch, Polish, Portuguese and Swedish; the names of
national numbers in all languages of the Union that have one.
"""

import re
import unicodedata
from collections.abc import Sequence

from tocsin.reports.formats.personal_data.texts import find_personal_text

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
    r".*\biban\b.*|bank account( .*)?|kontonummer|(credit|payment) card( .*)?|kreditkarte.*",
    r"hetu|henkilotunnus|cpr( nr| nummer)?|rodne cislo|egn|cnp|oib|emso|jmbg|pps ?n|pps number",
    r"isikukood|asmens kodas|personas kods|steuer ?idnr|amka|taj( szam)?|szemelyi szam|kennitala",
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


def find_personal_heading(heading: str) -> str | None:
    """Find what personal data a heading announces, in words, or None.

    >>> find_personal_heading("Numéro de sécurité sociale")
    'national, insurance or patient numbers'
    >>> find_personal_heading("Brand name") is None
    True
    """
    parts = {derive_plain_words(part) for part in (heading, *heading.split("/"))}
    for part in sorted(parts):
        for looks_like, pattern in HEADING_KINDS:
            if part and pattern.fullmatch(part):
                return looks_like
    return find_personal_text(heading)


def derive_plain_words(heading: str) -> str:
    """Return a heading in lower case without accents, words apart (camelCase too)."""
    apart = re.sub(r"(?<=[a-zß-ÿ])(?=[A-ZÀ-Þ])", " ", heading)
    folded = unicodedata.normalize("NFKD", apart.casefold().replace("ł", "l").replace("ø", "o"))
    letters = "".join(sign for sign in folded if not unicodedata.combining(sign))
    return " ".join(re.sub(r"[\W_]+", " ", letters).split())
