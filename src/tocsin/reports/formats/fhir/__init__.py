"""Toxicology results as HL7 FHIR R4 (JSON): bundles of DiagnosticReport and Observation.

``resources``  reading a bundle safely: its size, its references, what is personal in it
``values``     one Observation's value: amount, unit, or whether anything was found
``bundles``    a DiagnosticReport as a report of the record, with what its status asks for
"""

from tocsin.reports.formats.fhir.bundles import FhirProblem, FhirReport, Step, read_bundle
from tocsin.reports.formats.fhir.resources import MOST_BYTES

__all__ = ["MOST_BYTES", "FhirProblem", "FhirReport", "Step", "read_bundle"]
