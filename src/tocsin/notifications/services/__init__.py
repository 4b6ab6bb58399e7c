"""All writing of packages: make, renew, say, release, replace, withdraw, discard, erase."""

from tocsin.notifications.services.erasing import erase_unreleased
from tocsin.notifications.services.exporting import PackageFile, export_package
from tocsin.notifications.services.making import (
    make_edas,
    make_event_package,
    make_first_detection,
    make_package,
    renew_draft,
    replace_package,
)
from tocsin.notifications.services.releasing import (
    discard_package,
    release_package,
    withdraw_package,
)

__all__ = [
    "PackageFile",
    "discard_package",
    "erase_unreleased",
    "export_package",
    "make_edas",
    "make_event_package",
    "make_first_detection",
    "make_package",
    "release_package",
    "renew_draft",
    "replace_package",
    "withdraw_package",
]
