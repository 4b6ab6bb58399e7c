"""Organisations, people, roles, and the one visibility rule."""
