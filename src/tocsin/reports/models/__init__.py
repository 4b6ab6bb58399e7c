"""Tables of evidence: what came in, what it says, and what is being entered."""

from tocsin.reports.models.entry import Draft, SpectrumFile
from tocsin.reports.models.erasure import ERASED_PREFIX, ErasureKey
from tocsin.reports.models.evidence import (
    ChangeKind,
    EvidenceChange,
    Finding,
    IdentityConsequence,
    Report,
    WrittenName,
)
from tocsin.reports.models.imports import EvidenceImport, ImportProblem, ImportProfile, ImportState

__all__ = [
    "ERASED_PREFIX",
    "ChangeKind",
    "Draft",
    "ErasureKey",
    "EvidenceChange",
    "EvidenceImport",
    "Finding",
    "IdentityConsequence",
    "ImportProblem",
    "ImportProfile",
    "ImportState",
    "Report",
    "SpectrumFile",
    "WrittenName",
]
