"""
Which stretches of audio Whisper hears together.

A window holds whole regions of speech and ends at a pause, the longest one in reach, as that is most likely the end of a
sentence. Long silences inside it are cut down. What does not fit is the beginning of the next window, so no audio is
encoded twice.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from engine.speech import SpeechRegions

FRAME_SECONDS = 0.032


@dataclass(frozen=True)
class WindowLimits:
    """All in frames of 32 ms."""

    longest: int = 625
    """20 s of kept audio."""
    shortest: int = 250
    """A window is cut at a pause after this (8 s) where there is one."""
    padding: int = 13
    """Kept around speech (0.42 s): word beginnings and ends are softer than the detector's threshold."""
    longest_gap: int = 125
    """A silence of 4 s ends a window: what follows is another thought, and need not wait for."""


@dataclass(frozen=True)
class Window:
    pieces: tuple
    """`(begin, end)` in frames of the audio, in order, apart; played one after another they are the window."""
    regions: tuple
    """The speech inside, `(begin, end)` in frames of the audio."""


class WindowCutter:
    """Takes speech probabilities as they come, gives windows as soon as they are certain."""

    def __init__(self, limits=None):
        self._limits = limits or WindowLimits()
        self._speech = SpeechRegions()
        self._probabilities = np.zeros(0, np.float32)
        self._first = 0
        """The frame of `_probabilities[0]`; audio before it is never needed again."""

    @property
    def needed_from(self):
        return self._first

    def push(self, probabilities):
        self._probabilities = np.concatenate((self._probabilities, probabilities))
        self._speech.push(probabilities)

    def finish(self):
        self._speech.finish()

    def windows(self, final):
        """The windows that are certain by now; with `final`, all that are left."""
        while (window := self._next(final)) is not None:
            yield window
        self._forget()

    def _next(self, final):
        group, closed = self._group(final)
        if not group:
            return None
        kept = self._kept(group)
        if kept[-1] <= self._limits.longest:
            return self._emit(len(group)) if closed else None
        return self._emit(self._cut(group, kept))

    def _group(self, final):
        """The regions up to the next long silence, and whether that silence (or the end) is certain."""
        regions = self._speech.regions
        for index, (one, two) in enumerate(pairwise(regions)):
            if two[0] - one[1] > self._limits.longest_gap:
                return regions[: index + 1], True
        quiet = bool(regions) and regions[-1][1] is not None
        silence = self._speech.frames - regions[-1][1] if quiet else 0
        return regions, final or silence > self._limits.longest_gap

    def _kept(self, group):
        """Frames a window would have if it ended after each region."""
        sizes = []
        total = 0
        for index, region in enumerate(group):
            begin, end = self._padded(group, index)
            total += (end if end is not None else self._speech.frames) - begin
            sizes.append(total)
            if region[1] is None:
                break
        return sizes

    def _padded(self, regions, index):
        """A region with its padding; two neighbours share a short pause between them."""
        padding = self._limits.padding
        begin, end = regions[index]
        before = regions[index - 1][1] if index else self._first
        begin = max(begin - padding, (before + begin) // 2 if index else before)
        if end is None:
            return begin, None
        following = regions[index + 1][0] if index + 1 < len(regions) else None
        end = min(end + padding, (end + following) // 2 if following else self._speech.frames)
        return begin, end

    def _cut(self, group, kept):
        """How many regions the window takes: up to the longest pause within reach."""
        best = None
        for index, (size, (one, two)) in enumerate(zip(kept, pairwise(group))):
            if size > self._limits.longest:
                break
            rank = (size >= self._limits.shortest, min(two[0] - one[1], 2 * self._limits.padding), index)
            best = max(best or rank, rank)
        if best is not None and best[0]:
            return best[2] + 1
        return self._split(kept)

    def _split(self, kept):
        """No pause in reach: splits the region where the window gets full, at its least speech-like moment."""
        index = next(i for i, size in enumerate(kept) if size > self._limits.longest)
        begin, end = self._speech.regions[index]
        padded, _ = self._padded(self._speech.regions, index)
        room = self._limits.longest - (kept[index - 1] if index else 0)
        latest = padded + room
        earliest = max(begin + 1, latest - self._limits.longest // 8)
        if earliest >= latest:
            return index
        inside = self._probabilities[earliest - self._first : latest - self._first]
        middle = earliest + int(np.argmin(inside))
        self._speech.regions[index : index + 1] = [[begin, middle], [middle, end]]
        return index + 1

    def _emit(self, count):
        regions = self._speech.regions
        pieces = []
        for index in range(count):
            begin, end = self._padded(regions, index)
            if pieces and begin <= pieces[-1][1]:
                pieces[-1][1] = end
            else:
                pieces.append([begin, end])
        taken = tuple(tuple(region) for region in regions[:count])
        self._drop(pieces[-1][1])
        del regions[:count]
        return Window(tuple(tuple(piece) for piece in pieces), taken)

    def _forget(self):
        """Drops what lies before the next region's padding."""
        regions = self._speech.regions
        begin = regions[0][0] if regions else self._speech.frames
        self._drop(max(self._first, begin - self._limits.padding))

    def _drop(self, frame):
        self._probabilities = self._probabilities[frame - self._first :]
        self._first = frame
