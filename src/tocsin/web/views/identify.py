""" "What is this?": which substance a text means, and what a structure nobody registered is."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tocsin.errors import BadStructureError
from tocsin.organisations.permissions import is_permitted, require_permission
from tocsin.science.chemical_forms import find_form
from tocsin.science.standardising import standardise_structure
from tocsin.science.structure_drawings import derive_drawing_url
from tocsin.science.structures import Structure, is_inchikey, parse_structure
from tocsin.substances.models import Substance
from tocsin.substances.queries import Resolution, get_substance, resolve_text
from tocsin.web.forms.structures import MolfileForm
from tocsin.web.legal_view import (
    DAY_PARAMETER,
    ChosenDay,
    describe_legal_status,
    find_slider_address,
    read_day,
)
from tocsin.web.likeness import list_similar
from tocsin.web.requests import get_request_actor
from tocsin.web.structure_classes import describe_classes
from tocsin.web.structure_input import find_given_smiles, parse_molfile
from tocsin.web.structure_standard import describe_changes, describe_tautomers


@dataclass(frozen=True, slots=True)
class GivenStructure:
    """A structure as somebody gave it: its identity, its parent and which form it is of it.

    parent is None for a mixture, and where the structure is its own parent. changes: what
    standardising changes in it, in words.
    """

    structure: Structure
    drawing_url: str
    parent: Structure | None
    form: str
    is_mixture: bool
    changes: list[str]


@require_http_methods(["GET", "HEAD", "POST"])
def identify(request: HttpRequest) -> HttpResponse:
    """Say what a name, an identifier, a structure or a molfile stands for, and how surely."""
    actor = get_request_actor(request)
    require_permission(actor, "evidence.read")
    if request.method == "POST":
        return _take_molfile(request)
    text = request.GET.get("q", "").replace("\0", "").strip()
    resolution = resolve_text(text) if text else None
    found = None
    if resolution is not None and resolution.substance is not None:
        found = get_substance(resolution.substance.key)
    given, problem = _read_given(text, found)
    smiles = given.structure.smiles if given else (found.smiles if found else "")
    if address := find_slider_address(request, smiles) if smiles else "":
        return HttpResponseRedirect(address)
    day = read_day(request)
    context = {
        "text": text,
        "problem": problem,
        "form": MolfileForm(),
        "resolution": resolution,
        "how": _describe_stage(resolution) if resolution is not None else "",
        "substance": found,
        "given": given,
        "is_bare_inchikey": is_inchikey(text.upper().removeprefix("INCHIKEY=")),
        "drawing_url": derive_drawing_url(found.smiles, found.name) if found else "",
        "day": day,
        "kept": [{"name": "q", "value": text}],
        "legal": describe_legal_status(smiles, day) if smiles else None,
        "sheet_pdf_url": _get_sheet_url(smiles, day),
        "is_unreviewed": bool(found and found.smiles and not found.reviewed and not given),
        "structure_classes": describe_classes(smiles, found),
        "tautomers": describe_tautomers(given.structure.smiles) if given else [],
        "similar": list_similar(smiles, given.structure.inchikey) if given and not found else [],
        "may_add": is_permitted(actor, "substance.add"),
    }
    return render(request, "web/substances/identify.html", context)


def _get_sheet_url(smiles: str, day: ChosenDay) -> str:
    query = urlencode({"q": smiles, DAY_PARAMETER: day.on.isoformat()})
    return f"{reverse('substance-identify-sheet')}?{query}" if smiles else ""


def _take_molfile(request: HttpRequest) -> HttpResponse:
    form = MolfileForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            smiles = parse_molfile(form.read_content())
        except BadStructureError as problem:
            form.add_error("molfile", str(problem))
        else:
            return HttpResponseRedirect(
                f"{reverse('substance-identify')}?{urlencode({'q': smiles})}"
            )
    return render(request, "web/substances/identify.html", {"form": form}, status=422)


def _read_given(text: str, found: Substance | None) -> tuple[GivenStructure | None, str]:
    """Read a text as a structure; with what is wrong where it is one that cannot be read."""
    try:
        smiles = find_given_smiles(text) if text else None
        if smiles is None:
            return None, ""
        return _describe_given(smiles), ""
    except BadStructureError as error:
        # A name may look like a structure; where it means a substance, that is the answer.
        return None, "" if found else str(error)


def _describe_given(smiles: str) -> GivenStructure:
    structure = parse_structure(smiles)
    form = find_form(smiles)
    parent = form.parent if form is not None else None
    return GivenStructure(
        structure=structure,
        drawing_url=derive_drawing_url(structure.smiles, structure.formula),
        parent=parent if parent and parent.inchikey != structure.inchikey else None,
        form=form.form if form is not None else "",
        is_mixture=form is None,
        changes=describe_changes(standardise_structure(smiles).changes),
    )


def _describe_stage(resolution: Resolution) -> str:
    return {
        "identifier": _("by its structure or an identifier of it: certain"),
        "exact": _("by this very name: certain"),
        "normalised": _("by this name, but for capitals, spaces or hyphens: certain"),
        "systematic": _("by the structure its systematic name spells: certain"),
        "fuzzy": _("no certain match: candidates for a person to judge"),
        "no-substance": _("a statement that there is no substance"),
        "not-found": _("not found"),
    }[resolution.stage]
