"""What can go wrong while loading."""


class LoadError(Exception):
    """The whole load cannot be done; nothing of it was landed. The text says what to do."""


class FileRefused(Exception):
    """One file cannot be taken; the others still land. The text says what is wrong, where, and how to mend it."""
