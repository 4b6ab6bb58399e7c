"""Tocsin: early warning of new synthetic drugs, and the response to it."""

__version__ = "0.1.0"
