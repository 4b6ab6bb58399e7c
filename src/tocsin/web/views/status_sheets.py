"""Legal status sheets as PDF: of a substance of the register, and of a structure nobody registered."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tocsin.errors import BadStructureError, NotFoundError
from tocsin.organisations.permissions import require_permission
from tocsin.organisations.queries import get_own_organisation
from tocsin.science.structures import parse_structure
from tocsin.substances.queries import get_substance, list_names
from tocsin.web.legal_view import LegalView, describe_legal_status, read_day
from tocsin.web.requests import get_request_actor
from tocsin.web.status_sheet import write_status_sheet
from tocsin.web.structure_input import find_given_smiles

MOST_NAMES = 12


@require_safe
def download_status_sheet(request: HttpRequest, key: str) -> HttpResponse:
    """The sheet of a substance of the register."""
    require_permission(get_request_actor(request), "evidence.read")
    substance = get_substance(key)
    legal = describe_legal_status(substance.smiles, read_day(request))
    if legal is None:
        raise NotFoundError(
            f"substance {key!r}: has no structure; expected one to hold rules against"
        )
    names = [name.text for name in list_names(substance)[:MOST_NAMES]]
    mass = f"{substance.mass_da} Da" if substance.mass_da is not None else ""
    facts = [
        (_("Class"), substance.substance_class.name),
        (_("Formula"), substance.formula),
        (_("Average mass"), mass),
        ("CAS", substance.cas),
        ("InChIKey", substance.inchikey),
        ("SMILES", substance.smiles),
        (_("Names"), "; ".join(names)),
    ]
    return _answer(
        legal,
        title=substance.name,
        smiles=substance.smiles,
        facts=facts,
        name=substance.key,
        is_unreviewed=not substance.reviewed,
    )


@require_safe
def download_structure_sheet(request: HttpRequest) -> HttpResponse:
    """The sheet of a structure given as SMILES or InChI."""
    require_permission(get_request_actor(request), "evidence.read")
    try:
        smiles = find_given_smiles(request.GET.get("q", "").replace("\0", "").strip())
        structure = parse_structure(smiles) if smiles else None
    except BadStructureError as problem:
        raise NotFoundError(f"structure: {problem}") from problem
    legal = describe_legal_status(structure.smiles, read_day(request)) if structure else None
    if structure is None or legal is None:
        raise NotFoundError("structure: none given; expected a SMILES or an InChI")
    facts = [
        (_("Formula"), structure.formula),
        ("InChIKey", structure.inchikey),
        ("SMILES", structure.smiles),
    ]
    return _answer(
        legal,
        title=_("Structure %(formula)s") % {"formula": structure.formula},
        smiles=structure.smiles,
        facts=facts,
        name=structure.inchikey,
        is_unreviewed=False,
    )


def _answer(
    legal: LegalView,
    *,
    title: str,
    smiles: str,
    facts: list[tuple[str, str]],
    name: str,
    is_unreviewed: bool,
) -> HttpResponse:
    content = write_status_sheet(
        legal,
        title=title,
        smiles=smiles,
        facts=facts,
        is_unreviewed=is_unreviewed,
        sender=get_own_organisation().name,
    )
    answer = HttpResponse(content, content_type="application/pdf")
    day = legal.day.on.isoformat()
    answer["Content-Disposition"] = f'attachment; filename="status-{name}-{day}.pdf"'
    return answer
