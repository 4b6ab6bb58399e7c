"""Refusing personal data at the door: by heading, and by what the cells look like.

``headings``          what a heading announces
``texts``             what stands inside one text
``national_numbers``  numbers of persons, by their check digits
``columns``           a column as a whole

Values are judged by form and check digits, so that dates, sample numbers, CAS numbers, InChIKeys
and quantities pass. No message repeats a cell.
"""

from tocsin.reports.formats.personal_data.columns import (
    find_personal_column,
    require_no_personal_columns,
)
from tocsin.reports.formats.personal_data.headings import find_personal_heading
from tocsin.reports.formats.personal_data.texts import find_personal_text

__all__ = [
    "find_personal_column",
    "find_personal_heading",
    "find_personal_text",
    "require_no_personal_columns",
]
