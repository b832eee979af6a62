"""
The models, each loaded when it is first needed: a search should not wait for Whisper, nor pay its memory. They compute in
one thread: keeping two in step costs models this small more than the second computes (docs/decisions/0002).
"""

from engine import memory
from engine.errors import RequestError


class Models:
    def __init__(self, whisper_folder, embedder_folder):
        self._whisper_folder = whisper_folder
        self._embedder_folder = embedder_folder
        self._whisper = None
        self._voice_activity = None
        self._embedder = None

    def whisper(self):
        if self._whisper is None:
            from engine.whisper import Whisper

            self._whisper = _load(lambda: Whisper(self._whisper_folder), self._whisper_folder)
        return self._whisper

    def voice_activity(self):
        if self._voice_activity is None:
            from engine.vad import VoiceActivity

            self._voice_activity = VoiceActivity()
        return self._voice_activity

    def embedder(self):
        if self._embedder is None:
            from engine.embedder import Embedder

            self._embedder = _load(lambda: Embedder(self._embedder_folder), self._embedder_folder)
        return self._embedder

    def loaded(self):
        """Names of the models in memory."""
        return [model.name for model in (self._whisper, self._embedder) if model is not None]

    def unload_whisper(self):
        """Loading it again takes half a second; keeping it would be 100 MB on top of what comes next."""
        self._whisper = self._voice_activity = None
        memory.trim()

    def unload(self):
        self._whisper = self._voice_activity = self._embedder = None
        memory.trim()


def _load(load, folder):
    try:
        return load()
    except (OSError, RuntimeError, ValueError, KeyError) as error:
        message = f"The model in {folder} cannot be loaded ({error}). Run `npm run setup`."
        raise RequestError("ModelMissing", message) from error
