"""`python -m tests.flows begin`: one of the world's functions, in the platform that the environment names."""

import sys

import django

if __name__ == "__main__":
    django.setup()
    from tests.flows import world

    getattr(world, sys.argv[1])()
