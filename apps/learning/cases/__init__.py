"""The monthly case: reading it, doing as it did, and HQ's pages of it."""
