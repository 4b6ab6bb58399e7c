"""The data structure definition of a table in SDMX-ML 3.0, its code lists made from the record.

Source: SDMX 3.0 technical specification, section 3A, and its schemas (sdmx-twg/sdmx-ml).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils import translation
from lxml import etree

from tocsin.reports.countries import name_country
from tocsin.reports.vocabulary import COUNTRY_CODES
from tocsin.tables.formats.document import TableDocument
from tocsin.tables.formats.flat import list_authority_words, list_form_words
from tocsin.tables.formats.sdmx_csv import (
    AGENCY,
    ATTRIBUTES,
    DATAFLOW,
    DIMENSIONS,
    STRUCTURE_VERSION,
)
from tocsin.tables.periods import SDMX_FREQUENCY
from tocsin.tables.vocabulary import (
    TOTAL,
    UNIT_WORDS,
    Confidentiality,
    Frequency,
    Indicator,
    Status,
)

MEDIA_TYPE = "application/vnd.sdmx.structure+xml; version=3.0.0"
DEFINITION = "DSD_DRUG_EVENTS"
CONCEPTS = "CS_DRUG_EVENTS"
_SPACE = "http://www.sdmx.org/resources/sdmxml/schemas/v3_0"
_NAMES = {"mes": f"{_SPACE}/message", "str": f"{_SPACE}/structure", "com": f"{_SPACE}/common"}
_LANGUAGE = "en"
_MODEL = "urn:sdmx:org.sdmx.infomodel"
_CONCEPT_WORDS = {
    "FREQ": "Length of the period",
    "REF_AREA": "Country",
    "INDICATOR": "Indicator",
    "SUBSTANCE": "Substance",
    "FORM": "Physical form",
    "AUTHORITY": "Authority",
    "TIME_PERIOD": "Period",
    "OBS_VALUE": "Value",
    "UNIT_MEASURE": "Unit",
    "OBS_STATUS": "Status of the observation",
    "CONF_STATUS": "Confidentiality",
}


@dataclass(frozen=True, slots=True)
class _Code:
    code: str
    name: str
    parent: str = ""


def write_structure(document: TableDocument) -> bytes:
    """Write the structure of a table: data flow, data structure, concepts and code lists.

    The code list of substances holds those of the table with the classes above them. Names are
    English, whoever asks: a structure is one for all of its readers.
    """
    with translation.override(_LANGUAGE):
        root = _build(document)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _build(document: TableDocument) -> etree._Element:
    root = etree.Element(_tag("mes", "Structure"), nsmap=_NAMES)
    header = _add(root, "mes", "Header")
    _add(header, "mes", "ID").text = f"{document.identifier}-v{document.version}".replace(".", "-")
    _add(header, "mes", "Test").text = "false"
    _add(header, "mes", "Prepared").text = document.made_at
    _add(header, "mes", "Sender", id=AGENCY)
    structures = _add(root, "mes", "Structures")
    lists = _add(structures, "str", "Codelists")
    for concept, codes in _list_codelists(document).items():
        _add_codelist(lists, concept, codes)
    _add_concepts(_add(structures, "str", "ConceptSchemes"))
    _add_dataflow(_add(structures, "str", "Dataflows"))
    _add_definition(_add(structures, "str", "DataStructures"))
    return root


def _list_codelists(document: TableDocument) -> dict[str, list[_Code]]:
    countries = [(code, name_country(code)) for code in sorted(COUNTRY_CODES)]
    frequencies = [(SDMX_FREQUENCY[Frequency(code)], name) for code, name in Frequency.choices]
    return {
        "FREQ": _make_codes(frequencies),
        "REF_AREA": _make_codes([(TOTAL, "All"), *countries]),
        "INDICATOR": _make_codes(Indicator.choices),
        # The schema lets nothing name _T as its parent: what is part of it alone stands by itself.
        "SUBSTANCE": [
            _Code(one.code, one.name, one.parent if one.parent != TOTAL else "")
            for one in document.codes
        ],
        "FORM": _make_codes(list_form_words().items()),
        "AUTHORITY": _make_codes(list_authority_words().items()),
        "UNIT_MEASURE": _make_codes(UNIT_WORDS.items()),
        "OBS_STATUS": _make_codes(Status.choices),
        "CONF_STATUS": _make_codes(Confidentiality.choices),
    }


def _make_codes(choices: Iterable[tuple[str, object]]) -> list[_Code]:
    return [_Code(code, str(name)) for code, name in choices]


def _add_codelist(lists: etree._Element, concept: str, codes: Sequence[_Code]) -> None:
    codelist = _add_artefact(lists, "Codelist", f"CL_{concept}", _CONCEPT_WORDS[concept])
    for one in codes:
        code = _add(codelist, "str", "Code", id=one.code)
        _name(code, one.name)
        if one.parent:
            _add(code, "str", "Parent").text = one.parent


def _add_concepts(schemes: etree._Element) -> None:
    scheme = _add_artefact(schemes, "ConceptScheme", CONCEPTS, "Concepts of drug events")
    for concept, words in _CONCEPT_WORDS.items():
        _name(_add(scheme, "str", "Concept", id=concept), words)


def _add_dataflow(flows: etree._Element) -> None:
    flow = _add_artefact(flows, "Dataflow", DATAFLOW, "Seizures and poisonings by substance")
    _add(flow, "str", "Structure").text = _urn("datastructure.DataStructure", DEFINITION)


def _add_definition(definitions: etree._Element) -> None:
    words = "Seizures and poisonings by substance, form and authority"
    definition = _add_artefact(definitions, "DataStructure", DEFINITION, words)
    components = _add(definition, "str", "DataStructureComponents")
    dimensions = _add(components, "str", "DimensionList", id="DimensionDescriptor")
    for position, concept in enumerate(DIMENSIONS, 1):
        if concept == "TIME_PERIOD":
            time = _add_component(dimensions, "TimeDimension", concept)
            local = _add(time, "str", "LocalRepresentation")
            _add(local, "str", "TextFormat", textType="ObservationalTimePeriod")
            continue
        one = _add_component(dimensions, "Dimension", concept, position=str(position))
        _add_enumeration(one, concept)
    attributes = _add(components, "str", "AttributeList", id="AttributeDescriptor")
    for concept in ATTRIBUTES:
        one = _add_component(attributes, "Attribute", concept, usage="mandatory")
        _add_enumeration(one, concept)
        relation = _add(one, "str", "AttributeRelationship")
        _add(relation, "str", "Observation")
    measures = _add(components, "str", "MeasureList", id="MeasureDescriptor")
    value = _add_component(measures, "Measure", "OBS_VALUE", usage="optional")
    local = _add(value, "str", "LocalRepresentation")
    _add(local, "str", "TextFormat", textType="Decimal")


def _add_component(parent: etree._Element, name: str, concept: str, **more: str) -> etree._Element:
    one = _add(parent, "str", name, id=concept, **more)
    identity = f"{_urn('conceptscheme.Concept', CONCEPTS)}.{concept}"
    _add(one, "str", "ConceptIdentity").text = identity
    return one


def _add_enumeration(component: etree._Element, concept: str) -> None:
    local = _add(component, "str", "LocalRepresentation")
    _add(local, "str", "Enumeration").text = _urn("codelist.Codelist", f"CL_{concept}")


def _add_artefact(parent: etree._Element, name: str, identifier: str, words: str) -> etree._Element:
    one = _add(parent, "str", name, id=identifier, agencyID=AGENCY, version=STRUCTURE_VERSION)
    _name(one, words)
    return one


def _name(parent: etree._Element, words: str) -> None:
    name = _add(parent, "com", "Name")
    name.set("{http://www.w3.org/XML/1998/namespace}lang", _LANGUAGE)
    name.text = words


def _add(parent: etree._Element, space: str, name: str, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, _tag(space, name), attributes)


def _tag(space: str, name: str) -> str:
    return f"{{{_NAMES[space]}}}{name}"


def _urn(kind: str, identifier: str) -> str:
    return f"{_MODEL}.{kind}={AGENCY}:{identifier}({STRUCTURE_VERSION})"
