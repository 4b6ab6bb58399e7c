"""The closed lists of words about who may see and do what.

Source: FIRST, Traffic Light Protocol version 2.0 (August 2022), for the five levels.
"""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class TrafficLight(TextChoices):
    """Levels of the Traffic Light Protocol 2.0, from the freest to the strictest."""

    CLEAR = "CLEAR", "TLP:CLEAR"
    GREEN = "GREEN", "TLP:GREEN"
    AMBER = "AMBER", "TLP:AMBER"
    AMBER_STRICT = "AMBER+STRICT", "TLP:AMBER+STRICT"
    RED = "RED", "TLP:RED"


STRICTNESS = {level: place for place, level in enumerate(TrafficLight.values)}
"""Place of each level, 0 for the freest."""


class Purpose(TextChoices):
    """What a record may be used for."""

    EARLY_WARNING = "early-warning", _("early warning")
    PUBLIC_HEALTH = "public-health", _("public health")
    LAW_ENFORCEMENT = "law-enforcement", _("law enforcement")
    RESEARCH = "research", _("research")


class Role(TextChoices):
    """What a person may do in their organisation."""

    READER = "reader", _("reader")
    REPORTER = "reporter", _("reporter")
    ANALYST = "analyst", _("analyst")
    RELEASER = "releaser", _("releaser")
    ADMINISTRATOR = "administrator", _("administrator")


class OrganisationKind(TextChoices):
    """What an organisation is in the early-warning network."""

    FOCAL_POINT = "focal-point", _("national focal point")
    LABORATORY = "laboratory", _("laboratory")
    POLICE = "police", _("police")
    CUSTOMS = "customs", _("customs")
    HEALTH = "health", _("health service")
    AGENCY = "agency", _("agency")
    OTHER = "other", _("other")


PUBLIC_AUDIENCE = 0
"""The member of an audience that means everybody; no organisation has this number."""
PUBLIC_AUDIENCE_NAME = _("everybody")


def derive_strictest(levels: list[str]) -> str:
    """Return the strictest of the given levels, RED when none is given.

    >>> derive_strictest(["GREEN", "AMBER+STRICT", "AMBER"])
    'AMBER+STRICT'
    """
    if not levels:
        return TrafficLight.RED.value
    return max(levels, key=lambda level: STRICTNESS[level])
