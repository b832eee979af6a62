"""Where somebody speaks: speech probabilities, one per frame, become regions."""

_BEGIN = 0.5
"""Silero's recommended threshold: a region begins at this probability."""

_END = 0.35
"""A region ends below this one (Silero's own distance of 0.15), so that it does not flutter."""

_SHORTEST = 3
"""Frames (0.1 s). What is shorter is a click, not a syllable."""


class SpeechRegions:
    """Regions of a stream, `[begin, end)` in frames, in order; `end` is None while the last one goes on."""

    def __init__(self):
        self.regions = []
        self.frames = 0

    def push(self, probabilities):
        for probability in probabilities:
            if self._speaking():
                if probability < _END:
                    self._close()
            elif probability >= _BEGIN:
                self.regions.append([self.frames, None])
            self.frames += 1

    def finish(self):
        """The stream has ended: so does its last region."""
        if self._speaking():
            self._close()

    def _speaking(self):
        return bool(self.regions) and self.regions[-1][1] is None

    def _close(self):
        region = self.regions[-1]
        region[1] = self.frames
        if region[1] - region[0] < _SHORTEST:
            self.regions.pop()
