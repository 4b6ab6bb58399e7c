"""Structures held against all law loaded, beside bare matches of the cores with RDKit alone.

The naive peer reads the SMILES and asks for each core, gate and scaffold whether it is there. It
counts no chain, cuts off no branch, knows no list and no precedence, and gives no reason.
"""

import datetime
import math
import os
import random
import statistics
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from rdkit import Chem, rdBase

from tocsin.law.classification import classify
from tocsin.law.loading import load_instruments
from tocsin.law.report import derive_records
from tocsin.substances.formats.register_files import read_register

ON = datetime.date(2026, 9, 1)
SAMPLE = 4_000
LINES_AT_ONCE = 250
EXTRAPOLATED = 100_000


def run() -> None:
    """Print milliseconds of one structure, both ways, and structures/s on all processors."""
    structures = sorted({one.smiles for one in read_register().substances if one.smiles})
    instruments = load_instruments()
    patterns = _list_patterns()
    n_clauses = sum(len(version.clauses) for one in instruments for version in one.versions)
    n_entries = sum(len(one.entries) for one in instruments)
    print(
        f"{len(structures):,} structures of the register; {len(instruments)} instruments, "
        f"{n_clauses} clauses in all versions, {n_entries} entries; as of {ON}"
    )
    _measure_one_by_one(structures, patterns)
    _measure_many(structures)


def _list_patterns() -> list[Chem.Mol]:
    """Every core, gate and scaffold of the clauses that apply on the day, each once."""
    smarts = {
        one
        for instrument in load_instruments()
        for version in instrument.versions
        if version.valid_from <= ON and (version.valid_to is None or version.valid_to >= ON)
        for clause in version.clauses
        for one in (*clause.core, clause.gate, *(scaffold.smarts for scaffold in clause.scaffolds))
        if one
    }
    return [Chem.MolFromSmarts(one) for one in sorted(smarts)]


def _measure_one_by_one(structures: Sequence[str], patterns: Sequence[Chem.Mol]) -> None:
    verdicts: Counter[str] = Counter()
    # The first answer compiles the patterns of the data files.
    began = time.perf_counter()
    classify(structures[0], ON)
    first_ms = (time.perf_counter() - began) * 1000
    ours_ms, peer_ms = [], []
    for smiles in structures:
        began = time.perf_counter()
        answers = classify(smiles, ON)
        ours_ms.append((time.perf_counter() - began) * 1000)
        verdicts.update(one.verdict.value for one in answers)
        began = time.perf_counter()
        _match_naively(smiles, patterns)
        peer_ms.append((time.perf_counter() - began) * 1000)
    print(f"first structure, patterns compiled: {first_ms:,.0f} ms")
    for name, spent_ms in (("tocsin", ours_ms), ("RDKit, parse and match only", peer_ms)):
        print(
            f"{name:<28} median {statistics.median(spent_ms):6.2f} ms, "
            f"95th of 100 {statistics.quantiles(spent_ms, n=20)[-1]:6.2f} ms, "
            f"slowest {max(spent_ms):7.1f} ms"
        )
    ratio = statistics.median(ours_ms) / statistics.median(peer_ms)
    print(f"ratio: {ratio:.1f} times the peer's median ({len(patterns)} patterns, no verdict)")
    print(f"answers: {', '.join(f'{count:,} {name}' for name, count in verdicts.most_common())}")


def _match_naively(smiles: str, patterns: Sequence[Chem.Mol]) -> int:
    with rdBase.BlockLogs():
        molecule = Chem.MolFromSmiles(smiles)
    return sum(molecule.HasSubstructMatch(pattern) for pattern in patterns)


def _measure_many(structures: Sequence[str]) -> None:
    """Time a sample, drawn with repetition, in processes of its own; no answer is remembered."""
    sample = random.Random(20240627).choices(structures, k=SAMPLE)
    portions = [sample[at : at + LINES_AT_ONCE] for at in range(0, SAMPLE, LINES_AT_ONCE)]
    processors = os.cpu_count() or 1
    with ProcessPoolExecutor(processors, mp_context=get_context("spawn")) as pool:
        # Starting, and reading the law, is paid once a process, and not counted for each structure.
        began = time.perf_counter()
        list(pool.map(_warm_up, range(4 * processors)))
        start_seconds = time.perf_counter() - began
        began = time.perf_counter()
        n_records = sum(pool.map(_count_records, portions))
        seconds = time.perf_counter() - began
    rate = n_records / seconds
    whole_seconds = start_seconds + EXTRAPOLATED / rate
    print(
        f"{n_records:,} structures drawn, to JSON records on {processors} processors: {seconds:.1f} s, "
        f"{rate:,.0f} structures/s; start {start_seconds:.1f} s"
    )
    print(
        f"{EXTRAPOLATED:,} structures, extrapolated: {math.ceil(whole_seconds):,} s "
        f"({whole_seconds / 60:.1f} minutes)"
    )


def _warm_up(_turn: int) -> int:
    time.sleep(0.05)  # so that one process does not take all the turns
    return _count_records(["CCO"])


def _count_records(smiles: Sequence[str]) -> int:
    """Count the records derived; they stay in the process, as a file written there would."""
    return sum("error" not in record for record in derive_records(smiles, ON))
