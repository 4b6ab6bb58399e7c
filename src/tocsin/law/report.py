"""Answers as plain values for JSON."""

import datetime
from collections.abc import Collection, Sequence
from typing import Any

from tocsin.errors import BadStructureError
from tocsin.law.classification import classify_subject
from tocsin.law.dates import count_days_left
from tocsin.law.model import Answer
from tocsin.law.subject import Subject, read_subject
from tocsin.science.structure_classes import recognise_classes

_JSON_TYPES = frozenset({str, int, float, bool, type(None)})


def derive_record(
    name: str,
    smiles: str,
    on: datetime.date,
    jurisdictions: Collection[str] = (),
) -> dict[str, Any]:
    """Derive the JSON record of one structure: identifiers, classes and one result an instrument.

    ``classes`` holds the ids of the classes that its structure shows, a class before its parts.
    A structure that cannot be read gives ``error`` with code and message, and no results.
    """
    record: dict[str, Any] = {
        "name": name,
        "smiles": smiles,
        "inchikey": None,
        "classes": [],
        "results": [],
    }
    try:
        subject = read_subject(smiles)
    except BadStructureError as problem:
        record["error"] = {"code": problem.code, "message": str(problem)}
        return record
    answers = classify_subject(subject, on, jurisdictions)
    record["inchikey"] = subject.inchikey
    record["classes"] = _list_classes(subject)
    record["results"] = [derive_result(answer, on) for answer in answers]
    return record


def _list_classes(subject: Subject) -> list[str]:
    """The classes of every part of a structure, each once."""
    found = [
        one.id
        for part in subject.parts
        for one in recognise_classes(part.molecule, part.view.counts)
    ]
    return list(dict.fromkeys(found))


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


def derive_result(answer: Answer, on: datetime.date) -> dict[str, Any]:
    """Derive the JSON value of one answer; dates as ISO 8601, atoms numbered as in the trace.

    on: the day asked about, from which the days left to a statutory date are counted.
    """
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
        "dates": [_plain(one) | {"days_left": count_days_left(one, on)} for one in answer.dates],
    }


def _plain(value: Any) -> Any:
    """Turn records of the model into what JSON knows; far cheaper than dataclasses.asdict."""
    kind = type(value)
    if kind in _JSON_TYPES:
        return value
    if kind is tuple:
        return [one if type(one) in _JSON_TYPES else _plain(one) for one in value]
    if kind is datetime.date:
        return value.isoformat()
    return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}
