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
from tocsin.science.structures import Structure, is_inchikey, parse_structure
from tocsin.substances.models import Substance
from tocsin.substances.queries import Resolution, get_substance, resolve_text
from tocsin.web.forms.structures import MolfileForm
from tocsin.web.legal_view import describe_legal_status, find_slider_address, read_day
from tocsin.web.likeness import list_similar
from tocsin.web.requests import get_request_actor
from tocsin.web.structure_input import find_given_smiles, parse_molfile
from tocsin.web.structure_marks import derive_drawing_url


@dataclass(frozen=True, slots=True)
class GivenStructure:
    """A structure as somebody gave it: its identity, its parent and which form it is of it.

    parent is None for a mixture, and where the structure is its own parent.
    """

    structure: Structure
    drawing_url: str
    parent: Structure | None
    form: str
    is_mixture: bool


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
        "how": _describe_tier(resolution) if resolution is not None else "",
        "substance": found,
        "given": given,
        "is_bare_inchikey": is_inchikey(text.upper().removeprefix("INCHIKEY=")),
        "drawing_url": derive_drawing_url(found.smiles, found.name) if found else "",
        "day": day,
        "kept": [{"name": "q", "value": text}],
        "legal": describe_legal_status(smiles, day) if smiles else None,
        "is_unreviewed": bool(found and found.smiles and not found.reviewed and not given),
        "similar": list_similar(smiles, given.structure.inchikey) if given and not found else [],
        "may_add": is_permitted(actor, "substance.add"),
    }
    return render(request, "web/substances/identify.html", context)


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
    )


def _describe_tier(resolution: Resolution) -> str:
    if resolution.statement:
        return _("a statement that there is no substance")
    return {
        "inchikey": _("by its InChIKey: certain"),
        "cas": _("by its CAS number: certain"),
        "smiles": _("by its structure: certain"),
        "exact": _("by this very name: certain"),
        "normalised": _("by this name, but for capitals, spaces or hyphens: certain"),
        "systematic": _("by the structure its systematic name spells: certain"),
        "candidates": _("no certain match: candidates for a person to judge"),
        "not-found": _("not found"),
    }[resolution.tier]
