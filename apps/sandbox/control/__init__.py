"""The control API under /__sim/: what a test, a seeder or the pages may do to the world from outside it."""
