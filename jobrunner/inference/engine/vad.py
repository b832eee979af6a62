"""Silero VAD (the weights that come with faster-whisper), over a stream: its state is carried from piece to piece."""

import os

import numpy as np

from engine.package_file import package_folder

FRAME = 512
"""Samples per probability: 32 ms at 16 kHz, what the model was trained on."""

_CONTEXT = 64
"""Samples of the previous frame that the model sees before each frame."""

_BATCH = 64
"""Frames per run: larger ones cost memory (10,000 at once: 97 MB) and are no faster."""

_QUIET = 0.1
"""
A batch (2 s) below this is silence, after which the model starts afresh: its state drifts over a long silence, so that
it took a second to notice the speech behind 150 s of it.
"""


class VoiceActivity:
    """The model. It is stateless, so one serves all streams."""

    def __init__(self):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.inter_op_num_threads = 1
        options.intra_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        options.enable_mem_pattern = False
        options.log_severity_level = 4
        path = os.path.join(package_folder("faster_whisper"), "assets", "silero_vad_v6.onnx")
        self._session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    def run(self, frames, hidden, cell):
        return self._session.run(None, {"input": frames, "h": hidden, "c": cell})


class VoiceStream:
    """Speech probabilities of one audio stream."""

    def __init__(self, model):
        self._model = model
        self._reset()
        self._context = np.zeros(_CONTEXT, np.float32)

    def probabilities(self, samples):
        """float32 samples [-1, 1], a whole number of frames -> float32 probabilities, one per frame."""
        frames = samples.reshape(-1, FRAME)
        answers = [self._run(frames[i : i + _BATCH]) for i in range(0, len(frames), _BATCH)]
        return np.concatenate(answers) if answers else np.zeros(0, np.float32)

    def _run(self, frames):
        batch = np.empty((len(frames), _CONTEXT + FRAME), np.float32)
        batch[:, _CONTEXT:] = frames
        batch[0, :_CONTEXT] = self._context
        batch[1:, :_CONTEXT] = frames[:-1, -_CONTEXT:]
        self._context = frames[-1, -_CONTEXT:].copy()
        answer, self._hidden, self._cell = self._model.run(batch, self._hidden, self._cell)
        if answer.max() < _QUIET:
            self._reset()
        return answer

    def _reset(self):
        self._hidden = np.zeros((1, 1, 128), np.float32)
        self._cell = np.zeros((1, 1, 128), np.float32)
