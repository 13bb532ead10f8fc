class ActError(Exception):
    """The act makes no sense in the world as it is; the text says why."""
