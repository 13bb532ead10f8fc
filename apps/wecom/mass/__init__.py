"""One message to many: what a host confirms once for her customers, and what became of it."""
