"""Times inside a window (its pieces played one after another) to times of the audio, all in seconds."""

from bisect import bisect_right
from itertools import pairwise

_REACH = 0.8
"""Whisper tiny's times are right to about this; the pauses of the voice detector are sharper."""


class Timeline:
    """
    Whisper puts the border between two sentences somewhere near the pause between them. The border is moved to that
    pause, so that what is said ends where it begins, and what follows begins where it ends.
    """

    def __init__(self, pieces, regions):
        """`pieces` and `regions` as of a Window, but in seconds."""
        self._pieces = pieces
        self._begins = []
        self.length = 0.0
        for begin, end in pieces:
            self._begins.append(self.length)
            self.length += end - begin
        edges = [(pieces[0][0], regions[0][0])]
        edges += [(one[1], two[0]) for one, two in pairwise(regions)]
        edges += [(regions[-1][1], pieces[-1][1])]
        self._pauses = [(self._inside(a, first=True), self._inside(b, first=False), a, b) for a, b in edges]

    def begin(self, time):
        """Seconds in the audio of something that begins at this second of the window."""
        pause = self._pause(time)
        return pause[3] if pause and pause is not self._pauses[-1] else self._place(time)

    def end(self, time):
        """Seconds in the audio of something that ends at this second of the window."""
        pause = self._pause(time)
        return pause[2] if pause and pause is not self._pauses[0] else self._place(time)

    def _pause(self, time):
        """The pause nearest to a time of the window, longer ones counting as nearer; None out of reach."""

        def distance(pause):
            return max(pause[0] - time, time - pause[1], 0.0)

        near = [pause for pause in self._pauses if distance(pause) <= _REACH]
        return min(near, key=lambda pause: distance(pause) - min(pause[1] - pause[0], _REACH), default=None)

    def _place(self, time):
        time = min(max(time, 0.0), self.length)
        index = max(bisect_right(self._begins, time) - 1, 0)
        return min(self._pieces[index][0] + time - self._begins[index], self._pieces[index][1])

    def _inside(self, moment, first):
        """The second of the window that plays this moment of the audio, an end or a beginning of speech."""
        for (begin, end), before in zip(self._pieces, self._begins):
            if begin <= moment < end or (first and moment == end):
                return before + moment - begin
        return self.length
