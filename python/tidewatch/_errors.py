"""What can go wrong, as exceptions with the message of the engine."""


class Error(ValueError):
    """Something could not be done.

    Attributes
    ----------
    code : str
        Stable and machine-readable: ``unknown_detector``, ``unknown_key``, ``bad_value``, ``corrupt``, ...
    """

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message, code)
        self.code = code

    def __str__(self) -> str:
        return str(self.args[0])


class ParamError(Error):
    """A name or a value that does not fit; the message says the nearest right name or the allowed range."""


class StateError(Error):
    """Saved bytes that are damaged, or of a version that this build does not read."""
