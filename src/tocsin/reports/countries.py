"""Names of countries in the language in force."""

import unicodedata
from functools import lru_cache

from babel import Locale
from django.conf import settings
from django.utils.translation import get_language

from tocsin.reports.vocabulary import COUNTRY_CODES


def name_country(code: str) -> str:
    """Return a country's name in the language in force, or the code itself where there is none.

    code: ISO 3166-1 alpha-2, or XK. Source: Unicode CLDR, territories.

    >>> name_country("IE"), name_country("Q1"), name_country("")
    ('Ireland', 'Q1', '')
    """
    return _list_names(get_language() or settings.LANGUAGE_CODE).get(code, code)


def list_countries() -> list[tuple[str, str]]:
    """Return every country as code and name, by name in the language in force."""
    names = _list_names(get_language() or settings.LANGUAGE_CODE)
    return sorted(names.items(), key=lambda pair: unicodedata.normalize("NFD", pair[1]).casefold())


@lru_cache(maxsize=32)
def _list_names(language: str) -> dict[str, str]:
    territories = Locale.parse(language, sep="-").territories
    return {code: str(territories.get(code, code)) for code in sorted(COUNTRY_CODES)}
