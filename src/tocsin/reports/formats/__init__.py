"""Wire formats of evidence: tables in, tables out."""
