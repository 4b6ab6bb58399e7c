"""Tools of the curator: they derive data files from texts of law, and never run in the service."""
