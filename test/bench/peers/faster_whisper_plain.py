"""The yardstick: faster-whisper as its README uses it, int8 and beam 1, on a whole file at once."""

import json
import sys

from faster_whisper import WhisperModel

model_path, media, threads = sys.argv[1:4]
model = WhisperModel(model_path, device="cpu", compute_type="int8", cpu_threads=int(threads))
segments, _ = model.transcribe(media, beam_size=1)
print(json.dumps({"text": " ".join(segment.text.strip() for segment in segments)}))
