"""Answers as plain values for JSON."""

import dataclasses
import datetime
from collections.abc import Collection, Sequence
from typing import Any

from tocsin.errors import BadStructureError
from tocsin.law.classification import classify_subject
from tocsin.law.model import Answer
from tocsin.law.subject import read_subject


def derive_record(
    name: str,
    smiles: str,
    on: datetime.date,
    jurisdictions: Collection[str] = (),
    classes: Sequence[str] = (),
) -> dict[str, Any]:
    """Derive the JSON record of one structure: identifiers, classes and one result an instrument.

    A structure that cannot be read gives ``error`` with code and message, and no results.
    """
    record: dict[str, Any] = {
        "name": name,
        "smiles": smiles,
        "inchikey": None,
        "classes": list(classes),
        "results": [],
    }
    try:
        subject = read_subject(smiles)
    except BadStructureError as problem:
        record["error"] = {"code": problem.code, "message": str(problem)}
        return record
    answers = classify_subject(subject, on, jurisdictions)
    record["inchikey"] = subject.inchikey
    record["results"] = [derive_result(answer) for answer in answers]
    return record


def derive_records(
    lines: Sequence[str], on: datetime.date, jurisdictions: Collection[str] = ()
) -> list[dict[str, Any]]:
    """Derive the records of lines ``SMILES name``, one a line, in their order.

    An empty line gives a record whose error says so. Nothing is raised for a bad structure.
    """
    records = []
    for line in lines:
        smiles, name = (*line.split(maxsplit=1), "", "")[:2]
        records.append(derive_record(name.strip() or smiles, smiles, on, jurisdictions))
    return records


def derive_result(answer: Answer) -> dict[str, Any]:
    """Derive the JSON value of one answer; dates as ISO 8601, atoms numbered as in the trace."""
    return {
        "jurisdiction": answer.jurisdiction,
        "instrument": answer.instrument,
        "clause": answer.clause or None,
        "verdict": answer.verdict.value,
        "since": answer.since.isoformat() if answer.since else None,
        "citation": _plain(answer.citation),
        "scope": list(answer.scope),
        "exemptions": _plain(answer.exemptions),
        "trace": _plain(answer.traces),
    }


def _plain(value: Any) -> Any:
    """Turn records of the model into what JSON knows; far cheaper than dataclasses.asdict."""
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    if isinstance(value, datetime.date):
        return value.isoformat()
    if dataclasses.is_dataclass(value):
        return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}
    return value
