"""The one way in which the runtime says that it cannot go on."""


class Trouble(Exception):
    """A sentence for the person at the terminal: what is wrong and how to mend it."""
