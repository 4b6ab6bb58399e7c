"""One state of an instrument's generic definitions held against a part: clauses and precedence."""

import datetime
from dataclasses import dataclass, replace

from tocsin.law.generic import Examination, examine_clause, has_core
from tocsin.law.model import GenericClause, Instrument, Trace, Verdict, Version
from tocsin.law.subject import Part
from tocsin.law.view import MoleculeView


@dataclass(frozen=True, slots=True)
class ClauseFinding:
    """What one clause of a version says of one part, after exceptions and precedence."""

    clause: GenericClause
    verdict: Verdict
    trace: Trace


def examine_version(version: Version, part: Part) -> list[ClauseFinding]:
    """Hold a part against every clause of a version, then apply exceptions and precedence.

    Clauses without any of their scaffolds on the part are left out.
    """
    findings = [
        _with_exceptions(clause, found, part)
        for clause in version.clauses
        if (found := examine_clause(clause, part.view, part.smiles)) is not None
    ]
    verdicts = {one.clause.key: one.verdict for one in findings}
    by_key = {clause.key: clause for clause in version.clauses}
    return [_with_precedence(one, verdicts, by_key, part.view) for one in findings]


def _with_exceptions(clause: GenericClause, found: Examination, part: Part) -> ClauseFinding:
    if found.verdict in (Verdict.CONTROLLED, Verdict.ARGUABLE):
        for exception in clause.exceptions:
            if part.skeleton in exception.inchikey_blocks:
                verdict = Verdict.ARGUABLE if exception.arguable else Verdict.EXCLUDED
                reason = f"{exception.name} is taken out by name: {exception.text}"
                return ClauseFinding(clause, verdict, replace(found.trace, reason=reason))
    return ClauseFinding(clause, found.verdict, found.trace)


def _with_precedence(
    finding: ClauseFinding,
    verdicts: dict[str, Verdict],
    by_key: dict[str, GenericClause],
    view: MoleculeView,
) -> ClauseFinding:
    if finding.verdict not in (Verdict.CONTROLLED, Verdict.ARGUABLE):
        return finding
    for key in finding.clause.yields_to:
        other = by_key.get(key)
        if other is None or not has_core(other, view):
            continue
        verdict = verdicts.get(key, Verdict.NOT_FOUND)
        if verdict in (Verdict.NOT_FOUND, Verdict.EXCLUDED):
            reason = (
                f"has the core of number {key}, whose definition does not catch it; "
                f"number {finding.clause.key} then does not apply"
            )
            return replace(
                finding, verdict=Verdict.EXCLUDED, trace=replace(finding.trace, reason=reason)
            )
        if verdict is Verdict.ARGUABLE:
            reason = f"has the core of number {key}, whose definition is arguable here"
            return replace(
                finding, verdict=Verdict.ARGUABLE, trace=replace(finding.trace, reason=reason)
            )
    return finding


def find_since(instrument: Instrument, version: Version, key: str, part: Part) -> datetime.date:
    """Find the first day of the unbroken run of versions in which a clause catches a part."""
    since = version.valid_from
    for earlier in reversed([one for one in instrument.versions if one.valid_from < since]):
        clause = next((one for one in earlier.clauses if one.key == key), None)
        if clause is None:
            break
        found = examine_clause(clause, part.view, part.smiles)
        if found is None or found.verdict is not Verdict.CONTROLLED:
            break
        since = earlier.valid_from
    return since
