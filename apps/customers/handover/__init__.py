"""Handing customers over from one host to another (docs/hosts.md)."""
