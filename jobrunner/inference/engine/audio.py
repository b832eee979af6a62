"""A stream of samples, of which only what is still needed is kept."""

import numpy as np

_FULL_SCALE = 32768.0


class AudioBuffer:
    """16 kHz mono samples, kept as 16-bit integers: half the memory of floats."""

    def __init__(self):
        self._samples = np.zeros(0, np.int16)
        self._first = 0
        self._odd = b""

    @property
    def end(self):
        """Samples received so far."""
        return self._first + len(self._samples)

    def push(self, raw):
        """s16le bytes; a sample may be split between two calls."""
        raw = self._odd + raw
        whole = len(raw) & ~1
        self._odd = raw[whole:]
        fresh = np.frombuffer(raw[:whole], "<i2")
        self._samples = np.concatenate((self._samples, fresh))

    def samples(self, begin, end):
        """float32 samples in [-1, 1) from `begin` to `end`, silence after the end of the stream."""
        part = self._samples[begin - self._first : end - self._first].astype(np.float32) / _FULL_SCALE
        return np.pad(part, (0, end - begin - len(part))) if len(part) < end - begin else part

    def drop_before(self, begin):
        if begin > self._first:
            self._samples = self._samples[begin - self._first :].copy()
            self._first = begin
