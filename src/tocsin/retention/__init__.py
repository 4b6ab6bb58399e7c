"""How long evidence is kept: periods per type of event, legal holds, and what was erased."""
