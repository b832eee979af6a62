"""One audio stream, fed piece by piece, to sentences with times. Its memory does not depend on the stream's length."""

import numpy as np

from engine.audio import AudioBuffer
from engine.errors import RequestError
from engine.listener import Listener
from engine.repetition import without_loops
from engine.segments import Segment, split_by_sentences, split_by_timestamps
from engine.timeline import Timeline
from engine.vad import FRAME, VoiceStream
from engine.whisper import RATE
from engine.windows import WindowCutter

_BATCH = 2
"""Windows decoded together. A third and fourth would save some more time, but 20 MB of memory each."""

_SHORTEST = 0.1
"""Seconds of a segment at least: Whisper ends some words where they begin, and a player needs a stretch to show."""

_TELLING_SECONDS = 5.0
"""Less speech than this does not show which language it is."""

_CERTAIN_SECONDS = 60.0
"""When nearly nothing of this much speech made sense, the rest need not be heard."""


class Transcription:
    def __init__(self, whisper, voice_activity, language):
        """
        `language` is an ISO 639-1 code, or "auto" to take what is heard first.
        RequestError `LanguageUnsupported` for one that the model does not know.
        """
        self.language = _language(whisper, language)
        self._judges_language = not whisper.multilingual and language == "auto"
        self._speech_seconds = self._foreign_seconds = 0.0
        self._whisper = whisper
        self._audio = AudioBuffer()
        self._voice = VoiceStream(voice_activity)
        self._detected = 0
        self._cutter = WindowCutter()
        self._waiting = []
        self._end = 0.0

    @property
    def received_seconds(self):
        return self._audio.end / RATE

    def feed(self, raw):
        """s16le bytes -> the segments that are certain by now. RequestError as `finish`, when it is certain early."""
        self._audio.push(raw)
        self._detect(self._audio.end // FRAME)
        segments = self._advance(final=False)
        self._judge_language(_CERTAIN_SECONDS, 0.9)
        return segments

    def finish(self):
        """The rest of the segments. RequestError `LanguageUnsupported` when most of it was in no language it knows."""
        self._detect(-(-self._audio.end // FRAME))
        self._cutter.finish()
        segments = self._advance(final=True)
        self._judge_language(_TELLING_SECONDS, 0.5)
        return segments

    def _judge_language(self, enough_seconds, share):
        if not self._judges_language or self._speech_seconds < enough_seconds:
            return
        if self._foreign_seconds > self._speech_seconds * share:
            raise RequestError(
                "LanguageUnsupported",
                f"The speech does not sound like English, and {self._whisper.name} knows no other language. "
                "If it is English, say so: spec.transcription.language: en.",
            )

    def _detect(self, frames):
        if frames > self._detected:
            samples = self._audio.samples(self._detected * FRAME, frames * FRAME)
            self._cutter.push(self._voice.probabilities(samples))
            self._detected = frames

    def _advance(self, final):
        segments = []
        for window in self._cutter.windows(final):
            samples = [self._audio.samples(begin * FRAME, end * FRAME) for begin, end in window.pieces]
            self._waiting.append((window, np.concatenate(samples)))
            if len(self._waiting) == _BATCH:
                segments += self._hear()
        self._audio.drop_before(self._cutter.needed_from * FRAME)
        if final and self._waiting:
            segments += self._hear()
        return segments

    def _hear(self):
        waiting, self._waiting = self._waiting, []
        if self.language is None:
            self.language = self._whisper.detect_language(waiting[0][1])
        heard = Listener(self._whisper, self.language).hear([samples for _, samples in waiting])
        segments = []
        for (window, samples), one in zip(waiting, heard):
            self._speech_seconds += len(samples) / RATE
            self._foreign_seconds += 0.0 if one.intelligible else len(samples) / RATE
            if one.hearing is not None:
                segments += self._segments(window, one.hearing)
        return segments

    def _segments(self, window, hearing):
        """In order and apart, in seconds of the audio."""
        timeline = Timeline(_seconds(window.pieces), _seconds(window.regions))
        for rough in split_by_timestamps(hearing.tokens, self._whisper.vocabulary, timeline.length):
            for sentence in split_by_sentences(rough):
                text = without_loops(sentence.text)
                start = max(timeline.begin(sentence.start), self._end)
                end = max(timeline.end(sentence.end), start + _SHORTEST)
                self._end = end
                yield Segment(round(start, 2), round(end, 2), text)


def _seconds(spans):
    return [(begin * FRAME / RATE, end * FRAME / RATE) for begin, end in spans]


def _language(whisper, language):
    """None: not known before something is heard."""
    if not whisper.multilingual:
        if language in ("auto", "en"):
            return "en"
        raise RequestError(
            "LanguageUnsupported", f"{whisper.name} knows English only, not {language!r}: install the model tiny."
        )
    if language == "auto":
        return None
    if whisper.vocabulary.language(language) is None:
        raise RequestError("LanguageUnsupported", f"Whisper does not know the language {language!r}.")
    return language
