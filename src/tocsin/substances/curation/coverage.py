"""How much of what laboratories report the register's names answer.

    python -m tocsin.substances.curation.coverage COUNTS.csv --name NAME --count COUNT

COUNTS.csv has a column with what was reported and one with how often; a name may stand in many
lines. Printed are the two shares and the most frequent names that are not answered.
"""

import argparse
import csv
import json
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tocsin.errors import BadRegisterError
from tocsin.science.names import NameIndex
from tocsin.substances.formats.register_files import SEED_DIRECTORY, read_register
from tocsin.substances.formats.statement_files import load_statements


@dataclass(frozen=True, slots=True)
class Coverage:
    """What share of a laboratory's words is answered.

    names, answered_names: distinct names. detections, answered_detections: weighted by count.
    unanswered: (name, count), the most frequent first.
    """

    names: int
    answered_names: int
    detections: int
    answered_detections: int
    unanswered: tuple[tuple[str, int], ...]

    @property
    def share_of_names(self) -> float:
        """Return the share of distinct names that are answered, from 0 to 1."""
        return self.answered_names / self.names if self.names else 0.0

    @property
    def share_of_detections(self) -> float:
        """Return the share of detections whose name is answered, from 0 to 1."""
        return self.answered_detections / self.detections if self.detections else 0.0


def derive_coverage(counts: Mapping[str, int], is_answered: Callable[[str], bool]) -> Coverage:
    """Count which of these names are answered.

    counts: how often each name was reported.

    >>> found = derive_coverage({"Fentanyl": 9, "Gray stuff": 1}, {"Fentanyl"}.__contains__)
    >>> found.share_of_names, found.share_of_detections, found.unanswered
    (0.5, 0.9, (('Gray stuff', 1),))
    """
    unanswered = Counter({name: count for name, count in counts.items() if not is_answered(name)})
    detections = sum(counts.values())
    return Coverage(
        names=len(counts),
        answered_names=len(counts) - len(unanswered),
        detections=detections,
        answered_detections=detections - unanswered.total(),
        unanswered=tuple(unanswered.most_common()),
    )


def load_file_answers(directory: Path = SEED_DIRECTORY) -> Callable[[str], str | None]:
    """Read the register's files and return what says which entry a name means for certain.

    The answer is the key of one substance or group, "" for a statement that names no substance,
    and None where a person must decide. Raises BadRegisterError as read_register does.
    """
    register = read_register(directory)
    index = NameIndex(
        ((name.text, name.substance_key, name.kind) for name in register.names),
        preferred_names={known.key: known.name for known in register.substances},
    )
    statements = load_statements(directory)

    def answer(text: str) -> str | None:
        match = index.find(text)
        if match is not None and match.tier == "exact":
            return match.keys[0] if len(match.keys) == 1 else None
        if statements.find(text) is not None:
            return ""
        return match.keys[0] if match is not None and len(match.keys) == 1 else None

    return answer


def read_counts(path: Path, name_column: str, count_column: str) -> dict[str, int]:
    """Read how often each name was reported, summed over all lines of the file.

    Raises BadRegisterError where a column is missing or a count is no number.
    """
    counts: Counter[str] = Counter()
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        if missing := {name_column, count_column} - set(reader.fieldnames or ()):
            raise BadRegisterError(
                f"{path.name}: found no column {', '.join(sorted(missing))}; expected it"
            )
        for row in reader:
            try:
                counts[row[name_column].strip()] += int(float(row[count_column]))
            except ValueError as error:
                raise BadRegisterError(
                    f"{path.name}, line {reader.line_num}: found the count "
                    f"{row[count_column][:40]!r}; expected a number"
                ) from error
    return dict(counts)


def main(arguments: list[str] | None = None) -> None:
    """Print the coverage of a file of counts by the register's files."""
    parser = argparse.ArgumentParser(description="Measure what the register's names answer.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--name", default="SubstanceDetected", help="column of the names")
    parser.add_argument("--count", default="Freq", help="column of the counts")
    parser.add_argument("--show", type=int, default=40, help="so many unanswered names")
    parser.add_argument("--json", action="store_true", help="for a program")
    chosen = parser.parse_args(arguments)
    answer = load_file_answers()
    coverage = derive_coverage(
        read_counts(chosen.file, chosen.name, chosen.count), lambda name: answer(name) is not None
    )
    shown = coverage.unanswered[: chosen.show]
    if chosen.json:
        figures = {
            "share_of_detections": coverage.share_of_detections,
            "share_of_names": coverage.share_of_names,
            "unanswered": shown,
        }
        sys.stdout.write(json.dumps(figures, ensure_ascii=False) + "\n")
        return
    sys.stdout.write(
        f"{coverage.share_of_detections:.3%} of {coverage.detections:,} detections, "
        f"{coverage.share_of_names:.1%} of {coverage.names:,} names\n"
    )
    for name, count in shown:
        sys.stdout.write(f"{count:>10,}  {name}\n")


if __name__ == "__main__":
    main()
