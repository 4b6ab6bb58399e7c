"""Filters that the components of the web door share."""
