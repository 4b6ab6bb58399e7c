"""Personal data in a value of a field: what belongs there decides how strictly it is looked for."""

from tocsin.reports.formats.personal_data.texts import (
    find_personal_name,
    find_personal_remark,
    find_personal_text,
)
from tocsin.reports.record import Field, Kind


def find_personal_value(field: Field, text: str) -> str | None:
    """Find what personal data stands in a field of the record, in words, or None.

    A reference is a pseudonym and holds no name of a person at all; a note holds no bare number of
    one; whatever field, nothing that ``find_personal_text`` finds.
    """
    if field.key == "reference":
        return find_personal_name(text)
    if field.kind is Kind.LONG_TEXT:
        return find_personal_remark(text)
    return find_personal_text(text)
