"""Substances listed by name, read from rows and the tables they refer to."""

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from tocsin.errors import BadLawFileError
from tocsin.law.dates import read_dates
from tocsin.law.model import Citation, Exemption, ListedSubstance


def read_entries(
    rows: Sequence[Mapping[str, str]], head: Mapping[str, Any]
) -> tuple[ListedSubstance, ...]:
    """Read the entries of an instrument; head: its ``instrument.toml``.

    Raises BadLawFileError where a row refers to an annex, act or state that is not there.
    """
    return tuple(_read_entry(row, head) for row in rows)


def _read_entry(row: Mapping[str, str], head: Mapping[str, Any]) -> ListedSubstance:
    annex = _look_up(head, "annexes", row["annex"], row)
    act = _look_up(head, "acts", row["act"], row) if row.get("act") else {}
    citation = _read_citation(row, head, annex, act)
    valid_from = _day(row["valid_from"]) or act.get("valid_from")
    if valid_from is None:
        raise BadLawFileError(
            f"entry {row['key']}: found no valid_from; expected one of its own or of its act"
        )
    title = act.get("title", "")
    return ListedSubstance(
        key=row["key"],
        names=_parts(row["names"]),
        citation=citation,
        valid_from=valid_from,
        valid_to=_day(row["valid_to"]),
        annex=row["annex"],
        systematic_name=row.get("systematic_name", ""),
        derivatives_excepted=row["key"] in head.get("derivatives_excepted", ()),
        is_distinct=row["inchikey"][:14] in head.get("distinct_stereoisomers", ()),
        possible_from=_day(row["possible_from"])
        or (act.get("possible_from") if not row["valid_from"] else None)
        or valid_from,
        cas=row.get("cas", ""),
        cn_code=row.get("cn_code", ""),
        threshold=row.get("threshold", ""),
        smiles=row["smiles"],
        inchikey=row["inchikey"],
        review=row["review"],
        routes=_parts(row["routes"]),
        scope=tuple(annex.get("scope", ())),
        exemptions=_read_exemptions(row, head),
        dates=read_dates(act.get("dates", ()), title, act.get("source", "")),
        unverified=(*_parts(row.get("unverified", "")), *act.get("unverified", ())),
    )


def _read_citation(
    row: Mapping[str, str],
    head: Mapping[str, Any],
    annex: Mapping[str, Any],
    act: Mapping[str, Any],
) -> Citation:
    state = _look_up(head, "states", row["state"], row) if row.get("state") else act
    return Citation(
        place=annex["place"],
        publication=row.get("publication") or act.get("publication") or annex["publication"],
        consolidated_on=state["consolidated_on"],
        source=act.get("source") or state["source"],
    )


def _look_up(
    head: Mapping[str, Any], table: str, key: str, row: Mapping[str, str]
) -> Mapping[str, Any]:
    found: Mapping[str, Any] | None = head.get(table, {}).get(key)
    if found is None:
        raise BadLawFileError(
            f"entry {row['key']}: found {key!r}; expected one of the instrument's {table}"
        )
    return found


def _day(text: str) -> datetime.date | None:
    return datetime.date.fromisoformat(text) if text else None


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split(" | ") if part)


def _read_exemptions(row: Mapping[str, str], head: Mapping[str, Any]) -> tuple[Exemption, ...]:
    written = [
        Exemption(
            text=one["text"],
            only_when=one["only_when"],
            form=one.get("form", ""),
            concentration_above_percent=one.get("concentration_above_percent"),
            mass_above_g=one.get("mass_above_g"),
            mass_up_to_mg=one.get("mass_up_to_mg"),
            most_containers=one.get("most_containers"),
        )
        for one in head.get("exemptions", {}).get(row["key"], ())
    ]
    if row.get("exemption"):
        mass = row.get("exempt_up_to_mg", "")
        written.append(
            Exemption(
                text=row["exemption"], only_when=False, mass_up_to_mg=float(mass) if mass else None
            )
        )
    return tuple(written)
