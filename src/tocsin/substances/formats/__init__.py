"""Wire formats of the register."""
