"""
The two ends of the protocol: JSON lines, a request optionally followed by raw bytes.

A request is `{"id": …, "op": "…", …}` on one line; with `"bytes": n`, n raw bytes follow the line. Each request gets
exactly one reply, `{"id": …, "ok": {…}}` or `{"id": …, "error": {"code", "message"}}`, in the order of the requests.
"""

import json
from dataclasses import dataclass

from engine.errors import RequestError

LONGEST_LINE = 8 * 1024 * 1024
LARGEST_PAYLOAD = 4 * 1024 * 1024
"""131 s of audio: feeds are pulled, so there is no reason for a large one."""

_STEP = 1024 * 1024


@dataclass(frozen=True)
class Request:
    id: object
    op: str
    fields: dict
    payload: bytes


class Requests:
    """Reads requests from a binary stream."""

    def __init__(self, stream):
        self._stream = stream
        self.id = None
        """Of the request being read or answered, as far as it could be understood."""

    def next(self):
        """
        The next request, or None at the end of the stream.
        RequestError for one that cannot be understood: it has been read whole, so that the next one can be.
        """
        self.id = None
        line = self._stream.readline(LONGEST_LINE)
        if not line:
            return None
        if len(line) == LONGEST_LINE and not line.endswith(b"\n"):
            self._skip_line()
            raise RequestError("TooLarge", f"A request line holds at most {LONGEST_LINE} bytes.")
        fields = _object(line)
        if isinstance(fields.get("id"), (int, str)):
            self.id = fields["id"]
        payload = self._payload(fields.get("bytes", 0))
        if not isinstance(fields.get("op"), str):
            raise RequestError("BadRequest", 'A request names its operation: "op" is a string.')
        return Request(self.id, fields["op"], fields, payload)

    def _payload(self, size):
        if not isinstance(size, int) or isinstance(size, bool) or size < 0:
            raise RequestError("BadRequest", '"bytes" is a whole number from 0.')
        if size > LARGEST_PAYLOAD:
            while size > 0 and (part := self._stream.read(min(size, _STEP))):
                size -= len(part)
            raise RequestError("TooLarge", f"A request carries at most {LARGEST_PAYLOAD} bytes.")
        payload = self._stream.read(size) if size else b""
        if len(payload) < size:
            raise EOFError
        return payload

    def _skip_line(self):
        while (part := self._stream.readline(_STEP)) and not part.endswith(b"\n"):
            pass


def _object(line):
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError):
        raise RequestError("BadRequest", "A request is one JSON object on one line.") from None
    if not isinstance(fields, dict):
        raise RequestError("BadRequest", "A request is a JSON object.")
    return fields


def write_reply(stream, request_id, outcome):
    """`outcome` is `{"ok": …}` or `{"error": …}`."""
    stream.write(json.dumps({"id": request_id, **outcome}, separators=(",", ":")).encode() + b"\n")
    stream.flush()
