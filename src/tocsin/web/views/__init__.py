"""The pages, a file per room."""
