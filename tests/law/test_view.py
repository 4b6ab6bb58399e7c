"""A molecule as the rules see it: counts that rule patterns out, neighbours, matches."""

from rdkit import Chem

from tocsin.law.lint import read_all_examples if False else None
