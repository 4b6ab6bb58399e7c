"""Derive the listed substances of the BtMG annexes from consolidated texts.

Run as ``python -m tocsin.law.curation.btmg --text 2024-05-24=FILE … --names FILE --register DIR
--identifiers FILE --output FILE``. The texts are statute, free of copyright (§ 5 UrhG). A structure
is taken only where the one read from the systematic name and one from an independent source are
the same substance under a like name; every other entry stays listed by name.
"""

import argparse
import csv
import datetime
import html
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tocsin.law.curation.routes import add_structures, read_candidates, read_handwritten

ANNEXES = ("I", "II", "III")
COLUMNS = [
    "key",
    "annex",
    "names",
    "systematic_name",
    "state",
    "valid_from",
    "possible_from",
    "valid_to",
    "smiles",
    "inchikey",
    "review",
    "routes",
    "exemption",
    "exempt_up_to_mg",
    "unverified",
]
_NONE = ("-", "–")
_CONDITION = re.compile(r"[-–]?\s*(ausgenommen|sofern|nur in|a\)|b\)|c\))")
_CLOSING = re.compile(r"[-–]\s*(die (Ester|Salze|Zubereitungen|Stereoisomere)|Stoffe nach)")
_MILLIGRAMS = re.compile(r"je abgeteilte Form bis zu ([\d ]+(?:,\d+)?) mg")


@dataclass
class Row:
    """One row of an annex as a text holds it."""

    annex: str
    inn: str
    other: str
    systematic: str
    exemption: list[str] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        """The names as the law writes them, the INN first."""
        found = [name for name in (self.inn, self.other) if name]
        return found or [self.systematic]

    @property
    def key(self) -> str:
        """A key that small changes of spacing do not alter."""
        return re.sub(r"[^a-z0-9αβγδ]+", "", (self.inn or self.other or self.systematic).lower())


def parse_annexes(text: str) -> list[Row]:
    """Read the rows of annexes I to III, from tables or from plain paragraphs in threes."""
    rows: list[Row] = []
    for annex in ANNEXES:
        start = text.index(f"# Anlage {annex} –")
        end = text.find("\n# Anlage", start + 5)
        part = text[start : end if end > 0 else len(text)]
        cells = _table_cells(part) if "<table" in part else _paragraph_cells(part)
        rows.extend(_rows(annex, cells))
    return rows


def _tidy(text: str) -> str:
    bare = html.unescape(re.sub(r"<[^>]+>", " ", text)).replace("\\", "")
    bare = re.sub(r"\s+", " ", bare).strip()
    # The copies break lines around italic letters and after opening brackets.
    bare = re.sub(r"(?<=[\[({])\s+(?=[A-Z0-9])", "", bare)
    bare = re.sub(r"\b(\d+[a-z]?)\s+(?=[HRS]\b)", r"\1", bare)
    return re.sub(r"\b([RSNHEZ]{1,2})\s+(?=[,);-])", r"\1", bare).replace("; ", ";")


def _table_cells(part: str) -> Iterator[list[str]]:
    for row in re.findall(r"<tr[^>]*>(.*?)</tr>", part, re.DOTALL):
        cells = [_tidy(cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)]
        if any(cells):
            yield cells


def _paragraph_cells(part: str) -> Iterator[list[str]]:
    # A paragraph that holds only a no-break space stands for an empty cell.
    paragraphs = [
        "-" if "\xa0" in one and not _tidy(one) else _tidy(one) for one in part.split("\n\n")
    ]
    paragraphs = [one for one in paragraphs if one]
    start = paragraphs.index("chemische Namen (IUPAC)") + 1
    waiting: list[str] = []
    for paragraph in paragraphs[start:]:
        if _CLOSING.match(paragraph):
            return
        if not waiting and (_CONDITION.match(paragraph) or len(paragraph) > 400):
            yield [paragraph]
            continue
        waiting.append(paragraph)
        if len(waiting) < 3:
            continue
        if waiting[0] not in _NONE and waiting[2] in _NONE and waiting[1] not in _NONE:
            # A name broken over two paragraphs: the first is the end of the row before.
            yield ["", "", waiting[0]]
            waiting = waiting[1:]
            continue
        yield waiting
        waiting = []


def _rows(annex: str, cells: Iterable[list[str]]) -> Iterator[Row]:
    current: Row | None = None
    for row in cells:
        if _CLOSING.match(row[0]):
            break
        if len(row) == 1:
            if current is not None:
                current.exemption.append(row[0].strip(" -–"))
        elif len(row) == 3 and row[0] == row[1] == "" and current is not None:
            current.systematic += row[2]
        elif len(row) == 3 and row[0] != "INN":
            if current is not None:
                yield current
            inn, other, systematic = (_blank(cell) for cell in row)
            current = Row(annex, inn, other, systematic)
    if current is not None:
        yield current


def _blank(cell: str) -> str:
    return "" if cell in ("", *_NONE) else cell


def merge_states(states: Mapping[datetime.date, Sequence[Row]]) -> list[dict[str, str]]:
    """Join the rows of several states into entries with the days on which they were seen."""
    days = sorted(states)
    spans: dict[tuple[str, str], dict[str, str]] = {}
    seen_in: dict[tuple[str, str], list[datetime.date]] = {}
    for day in days:
        for row in states[day]:
            place = (row.annex, row.key)
            seen_in.setdefault(place, []).append(day)
            spans[place] = {
                "key": f"{row.annex}-{row.key}",
                "annex": row.annex,
                "names": " | ".join(row.names),
                "systematic_name": row.systematic,
                "state": day.isoformat(),
                "exemption": " ".join(row.exemption),
                "exempt_up_to_mg": _milligrams(row.exemption),
            }
    entries = []
    for place, entry in spans.items():
        first, last = seen_in[place][0], seen_in[place][-1]
        before = [day for day in days if day < first]
        after = [day for day in days if day > last]
        one_day = datetime.timedelta(days=1)
        entry["valid_from"] = first.isoformat()
        entry["possible_from"] = ((before[-1] + one_day) if before else first).isoformat()
        entry["valid_to"] = (after[0] - one_day).isoformat() if after else ""
        entry["unverified"] = (
            "first day: the day is not in the copies read; this is the first copy that holds it"
            if before
            else "first day: listed since before the first copy read"
        )
        entries.append(entry)
    return sorted(entries, key=lambda one: (ANNEXES.index(one["annex"]), one["key"]))


def _milligrams(texts: Sequence[str]) -> str:
    found = _MILLIGRAMS.search(" ".join(texts))
    return found[1].replace(" ", "").replace(",", ".") if found else ""


def read_named_structures(path: Path) -> dict[str, str]:
    """Read structures made from systematic names: SMILES by key of the row."""
    found: dict[str, str] = {}
    with path.open(encoding="utf-8", newline="") as lines:
        for line in csv.DictReader(lines):
            if line["smiles"]:
                row = Row("", _blank(line["inn"]), _blank(line["other_names"]), line["iupac_de"])
                found[row.key] = line["smiles"]
    return found


def add_days(entries: Sequence[dict[str, str]], path: Path) -> None:
    """Replace days by better ones a curator found, with what is not certain about them."""
    with path.open(encoding="utf-8", newline="") as lines:
        better = {line["key"]: line for line in csv.DictReader(lines)}
    for entry in entries:
        entry.update(better.get(entry["key"], {}))


def main() -> None:
    """Read the arguments and write the entries."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--text", action="append", required=True, help="DAY=FILE of one state")
    parser.add_argument("--names", type=Path, required=True)
    parser.add_argument("--register", type=Path, required=True)
    parser.add_argument("--identifiers", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args()
    states = {}
    for text in arguments.text:
        day, _, path = text.partition("=")
        states[datetime.date.fromisoformat(day)] = parse_annexes(
            Path(path).read_text(encoding="utf-8")
        )
    entries = merge_states(states)
    add_days(entries, Path(__file__).with_name("days.csv"))
    add_structures(
        entries,
        read_named_structures(arguments.names),
        read_candidates(arguments.register, arguments.identifiers),
        read_handwritten(Path(__file__).with_name("handwritten.csv")),
    )
    with arguments.output.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(entries)


if __name__ == "__main__":
    main()
