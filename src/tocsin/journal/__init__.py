"""Append-only record of who did, read and exported what."""
