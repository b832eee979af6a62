"""What the worker can be asked, one method each; see ../protocol.ts for the shapes."""

import base64

from engine import memory
from engine.errors import RequestError

_MOST_TEXTS = 256


class Operations:
    def __init__(self, models):
        self._models = models
        self._session = None
        self._transcription = None
        self._by_name = {
            "info": self._info,
            "embed": self._embed,
            "transcribe.start": self._start,
            "transcribe.feed": self._feed,
            "transcribe.finish": self._finish,
            "transcribe.abort": self._abort,
            "unload": self._unload,
        }

    def run(self, request):
        """The fields of the answer. RequestError when it cannot be done."""
        operation = self._by_name.get(request.op)
        if operation is None:
            raise RequestError("UnknownOperation", f"The operations are: {', '.join(self._by_name)}.")
        return operation(request)

    def _info(self, _request):
        return {"loaded": self._models.loaded(), "session": self._session, "peakMb": memory.peak_megabytes()}

    def _embed(self, request):
        texts = request.fields.get("texts")
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            raise RequestError("BadRequest", '"texts" is a list of strings.')
        if len(texts) > _MOST_TEXTS:
            raise RequestError("TooLarge", f"At most {_MOST_TEXTS} texts at a time.")
        embedder = self._models.embedder()
        vectors = embedder.embed(texts)
        encoded = [base64.b64encode(vector.astype("<f4").tobytes()).decode() for vector in vectors]
        return {"model": embedder.name, "dimensions": embedder.dimensions, "vectors": encoded}

    def _start(self, request):
        session = self._session_name(request)
        language = request.fields.get("language", "auto")
        if not isinstance(language, str):
            raise RequestError("BadRequest", '"language" is an ISO 639-1 code or "auto".')
        if self._session is not None:
            raise RequestError("Busy", "Another transcription is open: finish or abort it first.")
        from engine.transcription import Transcription

        whisper = self._models.whisper()
        self._transcription = Transcription(whisper, self._models.voice_activity(), language.lower())
        self._session = session
        return {"model": whisper.name, "multilingual": whisper.multilingual}

    def _feed(self, request):
        self._open(request)
        return self._answer(self._transcription.feed(request.payload))

    def _finish(self, request):
        self._open(request)
        transcription = self._transcription
        self._close()
        try:
            return self._answer(transcription.finish(), transcription)
        finally:
            # It holds the model, whose memory is handed back only once nothing does.
            del transcription
            self._models.unload_whisper()

    def _abort(self, request):
        self._open(request)
        self._close()
        self._models.unload_whisper()
        return {}

    def _unload(self, _request):
        if self._session is not None:
            raise RequestError("Busy", "A transcription is open: finish or abort it first.")
        self._models.unload()
        return {}

    def _answer(self, segments, transcription=None):
        transcription = transcription or self._transcription
        memory.trim()
        return {
            "segments": [{"start": s.start, "end": s.end, "text": s.text} for s in segments],
            "language": transcription.language,
            "processedSeconds": transcription.received_seconds,
            "peakMb": memory.peak_megabytes(),
        }

    def _open(self, request):
        if self._session is None or self._session_name(request) != self._session:
            raise RequestError("UnknownSession", "No such transcription is open: start it first.")

    def _close(self):
        self._session = self._transcription = None

    def _session_name(self, request):
        session = request.fields.get("session")
        if not isinstance(session, str) or not session:
            raise RequestError("BadRequest", '"session" is a string that is not empty.')
        return session
