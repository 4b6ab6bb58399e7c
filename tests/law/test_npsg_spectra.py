"""The German act held against the structures of real spectra: every hit named, with its reason."""

import datetime
import gzip
import json
from pathlib import Path

import pytest

from tocsin.law.classification import classify_under, get_instrument
from tocsin.law.model import Answer, Verdict
from tocsin.law.subject import read_subject

NPSG = get_instrument("DE-NpSG")
DAYS = (datetime.date(2024, 7, 1), datetime.date(2026, 1, 15))

# First block of the InChIKey: clause and the words that carry the hit. None is false.
CARRIED = {
    "LWRBVKNFOYUCNP": (
        "1",
        "2-methyl-4'-(methylthio)-2-morpholinopropiophenone, a photo-initiator: 1.2 c carbonyl, "
        "R3 and R4 methyl, nitrogen in a morpholine ring, Rn alkylsulfanyl; § 3 Abs. 2 Nr. 1 "
        "leaves recognised industrial uses free, which a structure does not show",
    ),
    "YVIXXPCJZAUQHJ": (
        "1",
        "CP-114271: R3 methyl; R1 ethyl, substituted further by hydroxy and a thiazole ring; Rn "
        "methoxy, substituted further with carbon and oxygen, chain of four",
    ),
    "UUFAJPMQSFXDFR": ("1", "nordeprenyl: R3 methyl, R1 alkynyl; a metabolite, no medicine"),
    "MLBHFBKZUPLWBD": (
        "1",
        "norfenfluramine: R3 methyl, Rn methyl substituted with fluorine; a metabolite",
    ),
    "WCJDAVUCGZTNMX": (
        "1",
        "N-hydroxynorfenfluramine: as norfenfluramine, R1 hydroxy; a metabolite",
    ),
    "OFVBLKINTLPEGH": (
        "1",
        "beta-homophenylalanine: R3 methyl, substituted further with carbon and oxygen; carboxy "
        "at the chain itself, as in phenylalanine, is not listed",
    ),
    "WRPFPNIHTOSMKU": (
        "1",
        "isobutyrylfentanyl: 2-phenylethylamine with the nitrogen in a piperidine ring, which is "
        "substituted further; not listed in the BtMG",
    ),
    "GLAAETOTOUGGSB": (
        "1",
        "beta-hydroxythiofentanyl: thienyl ring, R5 hydroxy, nitrogen in a piperidine ring",
    ),
    "LTCDLGUFORGHGY": ("3", "7-aminoflunitrazepam: amino is named for ring R1; a metabolite"),
    "PYOUAIQXJALPKW": ("5.1", "5-methyltryptamine: Rn alkyl; only tryptamine itself is taken out"),
    "JOYGWYISRWPUIM": ("5.1", "7-benzyloxytryptamine: Rn benzyloxy"),
}
# What the words leave open; the second only since its drawing exists, which was not seen.
OPEN = {
    DAYS[0]: {"ASUSBMNYRHGZIG": "5.1"},  # N-methylserotonin: an active metabolite of serotonin?
    DAYS[1]: {"ASUSBMNYRHGZIG": "5.1", "UWJUQVWARXYRCG": "6"},  # O-desmethyltramadol
}


def _read_structures(shared: Path) -> dict[str, str]:
    structures: dict[str, str] = {}
    for name in ("massbank_drugs", "fentanyls"):
        path = shared / f"data/spectra/{name}.jsonl.gz"
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                record = json.loads(line)
                if record.get("smiles"):
                    structures.setdefault(record["inchikey"][:14], record["smiles"])
    return structures


@pytest.mark.shared
def test_every_hit_of_real_spectra_is_one_the_words_carry(shared: Path) -> None:
    structures = _read_structures(shared)
    assert len(structures) > 150
    for day in DAYS:
        answers: dict[str, Answer] = {
            key: classify_under(NPSG, read_subject(smiles), day)
            for key, smiles in structures.items()
        }
        hits = {
            key: answer.clause
            for key, answer in answers.items()
            if answer.verdict is Verdict.CONTROLLED
        }
        assert hits == {key: clause for key, (clause, _) in CARRIED.items()}, day
        doubtful = {
            key: answer.clause
            for key, answer in answers.items()
            if answer.verdict is Verdict.ARGUABLE
        }
        assert doubtful == OPEN[day], day
