"""The closed lists of the register."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class SubstanceKind(models.TextChoices):
    """How far a member of the register is determined."""

    SUBSTANCE = "substance", _("substance")
    ISOMER_GROUP = "isomer-group", _("isomer group")
    CLASS_GROUP = "class-group", _("class, substance undetermined")
    UNKNOWN = "unknown", _("unknown feature")
    PRODUCT = "product", _("product or mixture")


GROUP_KINDS = (SubstanceKind.ISOMER_GROUP, SubstanceKind.CLASS_GROUP)
"""Kinds that stand for several substances."""


class NameKind(models.TextChoices):
    """What sort of name a name is; a street name never decides which substance is meant."""

    INN = "INN", _("international non-proprietary name")
    COMMON = "common", _("common name")
    CHEMICAL = "chemical", _("chemical name")
    STREET = "street", _("street name")
    CODE = "code", _("code")
    ABBREVIATION = "abbreviation", _("abbreviation")


class FormKind(models.TextChoices):
    """In which way a form differs from the substance whose form it is."""

    SALT = "salt", _("salt")
    HYDRATE = "hydrate", _("hydrate")
    SALT_HYDRATE = "salt-hydrate", _("hydrate of a salt")
    SOLVATE = "solvate", _("solvate")
    STEREOISOMER = "stereoisomer", _("stereoisomer")
    ISOTOPOLOGUE = "isotopologue", _("isotopologue")
    ION = "ion", _("ion")


class Polarity(models.TextChoices):
    """The charge of the ions that a mass spectrometer looked at."""

    POSITIVE = "positive", _("positive")
    NEGATIVE = "negative", _("negative")


class ComponentRole(models.TextChoices):
    """What a component does in a product."""

    ACTIVE = "active", _("active")
    ADULTERANT = "adulterant", _("adulterant")
    DILUENT = "diluent", _("diluent")
    IMPURITY = "impurity", _("impurity")
    UNKNOWN = "unknown", _("role unknown")


class IdentityEventKind(models.TextChoices):
    """What happened to an identity."""

    MERGED = "merged", _("merged")
    SPLIT = "split", _("split")
    UNKNOWN_RESOLVED = "unknown-resolved", _("unknown resolved")
    GROUP_RESOLVED = "group-resolved", _("group resolved")


class Origin(models.TextChoices):
    """Who brought a substance or a name: the register's files, or a person of this node."""

    REGISTER = "register", _("register")
    ADDED = "added", _("added here")
