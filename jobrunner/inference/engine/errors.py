"""Failures that are answered to the caller; anything else is a defect and answered as InternalError."""


class RequestError(Exception):
    """`code` is one of the words in ../protocol.ts; the message says what to do."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code
