"""Handing packages out as files, which the journal keeps."""

from dataclasses import dataclass

from django.db import transaction

from tocsin.errors import NotFoundError
from tocsin.notifications.formats.files import WRITERS
from tocsin.notifications.queries import derive_document, get_package
from tocsin.notifications.services.states import record_action
from tocsin.organisations.actors import Actor
from tocsin.organisations.permissions import require_permission


@dataclass(frozen=True, slots=True)
class PackageFile:
    """A package as a file: its name, its media type, and its content."""

    name: str
    content_type: str
    content: bytes


@transaction.atomic
def export_package(actor: Actor, package_id: int, form: str) -> PackageFile:
    """Write a package in one of its forms, such as ``pdf``, and return the file.

    Raises NotFoundError for a form there is not. Journals ``package.exported``.
    """
    require_permission(actor, "evidence.export")
    package = get_package(actor, package_id)
    if form not in WRITERS:
        raise NotFoundError(
            f"package {package_id}: has no form {form[:20]!r}; expected one of {', '.join(WRITERS)}"
        )
    writer = WRITERS[form]
    content = writer.write(derive_document(actor, package))
    record_action(actor, package, "package.exported", format=form)
    name = f"{package.identifier}-v{package.number}.{form}"
    return PackageFile(name, writer.content_type, content)
