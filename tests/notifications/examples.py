"""A poisoning and a seizure as sources of documents, with the substances they are of."""

from datetime import UTC, date, datetime
from decimal import Decimal

from tocsin.notifications.documents.building import Frame, build_document
from tocsin.notifications.documents.source import Identity, Novelty, SourceReport, Subject
from tocsin.notifications.formats.document import PackageDocument, Replaced
from tocsin.notifications.vocabulary import Claim
from tocsin.reports.evidence import EvidenceFinding, EvidenceReport
from tocsin.reports.record.values import make_details

MADE_AT = datetime(2026, 3, 9, 10, 0, tzinfo=UTC)
FIRST = Novelty(Claim.FIRST)

CARFENTANIL = Identity(
    key="carfentanil",
    name="carfentanil",
    kind="substance",
    class_name="Fentanyls",
    smiles="CCC(=O)N(c1ccccc1)C1(C(=O)OC)CCN(CCc2ccccc2)CC1",
    inchikey="YDSDEBIZUNNPOB-UHFFFAOYSA-N",
    formula="C24H30N2O3",
    mass_da=Decimal("394.515"),
    cas="59708-52-0",
    is_reviewed=True,
    names=(("common name", "carfentanyl"),),
)

POISONING = EvidenceReport(
    reference="T-7",
    event_type="serious-adverse-event",
    event_on=date(2026, 3, 2),
    country="AT",
    region="AT13",
    source="Poison centre",
    details=make_details(
        {
            "exposure": "confirmed",
            "seriousness": ("life-threatening",),
            "severity": "3",
            "outcome": "recovered",
            "age_band": "25-34",
            "route_of_use": "nasal",
            "believed_substance": "heroin",
            "signs": ("respiratory-depression", "miosis"),
            "treatments": ("naloxone", "ventilation"),
            "naloxone_doses": 2,
            "naloxone_response": "partial",
        }
    ),
    findings=(
        EvidenceFinding(
            substance_text="Carfentanil",
            matrix="biological",
            specimen="blood",
            amount=Decimal("0.500000"),
            unit="ng/ml",
            technique="LC-MS/MS",
            identification_level="schymanski-1",
            laboratory="Institute of Forensic Chemistry",
            details=make_details(
                {
                    "role": "sole",
                    "sampling_context": "ante-mortem",
                    "loq": Decimal("0.1"),
                    "techniques": ("mass-spectrometry", "liquid-chromatography"),
                    "mass_evidence": "library",
                    "reference_material": "no",
                }
            ),
        ),
    ),
)

SEIZURE = EvidenceReport(
    reference="L-1",
    event_type="seizure",
    event_on=date(2026, 2, 23),
    event_precision="week",
    country="AT",
    details=make_details(
        {"authority": "customs", "origin_country": "CN", "transit_countries": ("NL", "DE")}
    ),
    findings=(
        EvidenceFinding(
            substance_text="carfentanil",
            matrix="seized",
            amount=Decimal("12.5"),
            unit="g",
            purity_percent=Decimal("1.2000"),
            details=make_details({"physical_form": "powder", "techniques": ("colour-test",)}),
        ),
        EvidenceFinding(substance_text="unheard-of thing", matrix="seized"),
    ),
)


def make_source(
    evidence: EvidenceReport, *identities: Identity | None, number: int = 1, version: int = 1
) -> SourceReport:
    """Return evidence of a laboratory as a source; the digest is a mark only."""
    return SourceReport(
        number=number,
        reference=evidence.reference,
        version=version,
        owner="Federal laboratory",
        sha256=f"{number:02d}" * 32,
        evidence=evidence,
        identities=identities,
    )


POISONING_SOURCE = make_source(POISONING, CARFENTANIL)
SEIZURE_SOURCE = make_source(SEIZURE, CARFENTANIL, None)


def make_document(
    kind: str,
    *sources: SourceReport,
    statements: dict[str, str] | None = None,
    novelty: Novelty = FIRST,
    replaces: Replaced | None = None,
    subject: Subject | None = None,
) -> PackageDocument:
    """Build a document of a focal point about carfentanil."""
    series = "EDAS" if kind == "edas" else "EWS"
    return build_document(
        Frame(
            kind=kind,
            identifier=f"{series}-AT-2026-0001",
            version=1 if replaces is None else replaces.version + 1,
            language="en-GB",
            tlp="AMBER",
            sender="Focal Point",
            country="AT",
            made_at=MADE_AT,
            replaces=replaces,
        ),
        sources,
        subject or Subject("Carfentanil", CARFENTANIL),
        statements or {},
        novelty,
    )
