"""Making pseudonyms where the persons are known: no node, no network.

``command``  the command ``tocsin pseudonymise``
``keys``     a key per purpose, in a file that only its owner can read
``plans``    what becomes of each column
``changes``  a pseudonym, an age band, a week
"""
