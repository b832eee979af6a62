"""Windows of audio to what is said in them: decodes several at once, and listens again where the result is doubtful."""

from dataclasses import dataclass

from engine import memory
from engine.whisper import RATE, Hearing

_TAIL_SECONDS = 2.0
"""
Silence after a window. Whisper was trained on 30 s, padded with silence; the encoder's cost and memory grow with the
square of the length, and with this much silence at the end it hears the same words (docs/decisions/0002).
"""

_WHOLE_SECONDS = 30.0

_REPETITIVE = 2.4
"""Whisper's own threshold of the compression ratio."""

_UNLIKELY = -1.0
"""Whisper's own threshold of the average log-probability."""

_NONSENSE_REPETITIVE = 2.2
_NONSENSE_UNLIKELY = -0.9
"""
Beyond these a window makes no sense in English: stricter than Whisper's own, as beam search finds the likeliest of all
nonsense (docs/decisions/0003). Sense is at most 1.7 and at least -0.6 there.
"""

_SILENT = 0.6
"""Whisper's own threshold of the probability that nobody speaks."""


@dataclass(frozen=True)
class Heard:
    hearing: Hearing | None
    """None for a window in which nobody seems to speak."""
    intelligible: bool
    """
    Whether the first listening made sense. Speech in a language the model does not know makes it loop or guess: see
    docs/decisions/0003 for the figures.
    """


class Listener:
    def __init__(self, whisper, language):
        self._whisper = whisper
        self._language = language

    def hear(self, windows):
        """A Heard per window (float32 samples)."""
        seconds = max(len(samples) for samples in windows) / RATE + _TAIL_SECONDS
        encoded = [self._whisper.encode(samples, seconds) for samples in windows]
        # The decoder asks for blocks of other sizes than the encoder has just given back: 25 MB of the peak.
        memory.trim()
        first = self._whisper.decode(encoded, self._language, seconds)
        del encoded
        return [
            Heard(self._judge(samples, hearing), not _nonsense(hearing)) for samples, hearing in zip(windows, first)
        ]

    def _judge(self, samples, hearing):
        if _doubtful(hearing):
            hearing = self._again(samples, hearing)
        if hearing.average_log_probability < _UNLIKELY and hearing.no_speech_probability > _SILENT:
            return None
        return hearing

    def _again(self, samples, first):
        """As Whisper was trained, with a whole 30 s; then, if it still loops, without letting it."""
        encoded = [self._whisper.encode(samples, _WHOLE_SECONDS)]
        seconds = len(samples) / RATE
        (second,) = self._whisper.decode(encoded, self._language, seconds)
        if second.compression_ratio > _REPETITIVE:
            (second,) = self._whisper.decode(encoded, self._language, seconds, no_repeat_ngram_size=4)
        return max(first, second, key=lambda h: (h.compression_ratio <= _REPETITIVE, h.average_log_probability))


def _doubtful(hearing):
    return hearing.compression_ratio > _REPETITIVE or hearing.average_log_probability < _UNLIKELY


def _nonsense(hearing):
    return (
        hearing.compression_ratio > _NONSENSE_REPETITIVE or hearing.average_log_probability < _NONSENSE_UNLIKELY
    )
