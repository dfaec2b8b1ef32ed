"""How an action says no."""


class Refused(Exception):
    """What was asked for cannot be done; the message says what to do instead, in one sentence."""

    def __init__(self, message: str, *, code: str = "invalid_state") -> None:
        super().__init__(message)
        self.message = str(message)
        self.code = code
