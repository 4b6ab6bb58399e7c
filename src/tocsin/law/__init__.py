"""Drug law as dated rules: what can be checked against an article of law.

Pure: rules are data files, and the functions here apply them to a structure as of a day that is
given. Recognition only. An answer is one of *controlled*, *excluded*, *not-found* and *arguable*;
that a substance is permitted is never said.
"""
