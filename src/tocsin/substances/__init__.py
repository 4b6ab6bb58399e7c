"""Who is it: substances, their names and structures, and groups of isomers."""
