"""Bringing hosts in by the file (docs/imports.md)."""
