"""Whisper's tokens, text between timestamps, to sentences with times (seconds of the window)."""

import re
from dataclasses import dataclass

_TOKEN_SECONDS = 0.02

_SENTENCE_END = re.compile(r"(?<=[.?!…])[\"'”’]?\s+(?=[\"'“‘¿¡]?[^\W\d_a-z])|(?<=[。？！])")
"""A full stop, question or exclamation mark before a space and a capital letter, or its wide form."""


@dataclass(frozen=True)
class Segment:
    start: float
    end: float
    text: str


def split_by_timestamps(tokens, vocabulary, length):
    """Segments as Whisper marks them; the last may lack its end, which is then the window's."""
    segments = []
    start = 0.0
    words = []
    for token in tokens:
        if token < vocabulary.timestamp_begin:
            words.append(token)
            continue
        time = min((token - vocabulary.timestamp_begin) * _TOKEN_SECONDS, length)
        _add(segments, start, time, vocabulary.text(words))
        words = []
        start = time
    _add(segments, start, length, vocabulary.text(words))
    return segments


def split_by_sentences(segment):
    """Several sentences under one pair of times: the time between is shared by the length of their texts."""
    parts = [part for part in _SENTENCE_END.split(segment.text) if part]
    total = sum(map(len, parts))
    seconds = segment.end - segment.start
    done = 0
    for part in parts:
        start = segment.start + seconds * done / total
        done += len(part)
        yield Segment(start, segment.start + seconds * done / total, part)


def _add(segments, start, end, text):
    text = text.strip()
    if text:
        segments.append(Segment(start, max(start, end), text))
