"""Refusing personal data at the door: by heading, and by what the cells look like.

``headings``          what a heading announces
``texts``             what stands inside one text: ``names``, ``births``, ``addresses``, ``numbers``
``national_numbers``  numbers of persons, by their check digits
``words``             the words of each language, in ``headings.toml`` and ``texts.toml``
``columns``           a column as a whole

Values are judged by form and check digits, so that dates, sample numbers, CAS numbers, InChIKeys
and quantities pass. No message repeats a cell.
"""

from tocsin.reports.formats.personal_data.columns import (
    find_personal_column,
    require_no_personal_columns,
)
from tocsin.reports.formats.personal_data.headings import find_personal_heading
from tocsin.reports.formats.personal_data.texts import (
    find_person,
    find_personal_name,
    find_personal_remark,
    find_personal_text,
    require_impersonal,
    require_reason,
)
from tocsin.reports.formats.personal_data.values import find_personal_value

__all__ = [
    "find_person",
    "find_personal_column",
    "find_personal_heading",
    "find_personal_name",
    "find_personal_remark",
    "find_personal_text",
    "find_personal_value",
    "require_impersonal",
    "require_no_personal_columns",
    "require_reason",
]
