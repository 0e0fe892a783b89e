"""What can go wrong while the services start, each with a stable code and a hint that says how to mend it."""


class ServiceError(Exception):
    """Shown to the operator as three short lines, never as a traceback."""

    def __init__(self, code: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n  code: {self.code}\n  hint: {self.hint}"
