"""The closed lists of packages."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class PackageKind(TextChoices):
    """What a package is, and so whom it is for and which headings it has."""

    FIRST_DETECTION = "ews-first-detection", _("first detection (formal notification)")
    EVENT = "ews-event", _("event package")
    DRUG_ALERT = "edas", _("drug alert notification")


class PackageState(TextChoices):
    """How far a package is."""

    DRAFT = "draft", _("draft")
    RELEASED = "released", _("released")
    REPLACED = "replaced", _("replaced")
    WITHDRAWN = "withdrawn", _("withdrawn")
    DISCARDED = "discarded", _("discarded")
    ERASED = "erased", _("erased")


class Claim(TextChoices):
    """What a first detection says of earlier findings of its substance."""

    FIRST = "first", _("none is held")
    FIRST_IN_COUNTRY = "first-in-country", _("one in another country is held")
    NOT_FIRST = "not-first", _("one in the country is held")


LASTING_STATES = (PackageState.DRAFT, PackageState.RELEASED)
"""States in which a package stands for what is held, so that it can be out of date."""

SERIES_OF_KIND: dict[str, str] = {
    PackageKind.FIRST_DETECTION: "EWS",
    PackageKind.EVENT: "EWS",
    PackageKind.DRUG_ALERT: "EDAS",
}
"""What identifiers of a kind begin with: the system that the package is for."""
