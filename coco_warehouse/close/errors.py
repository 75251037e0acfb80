"""What can go wrong while closing."""


class CloseError(Exception):
    """The month cannot be closed, or a close cannot be proven; the text says why and what to do."""
