"""yt-dlp, then faster-whisper at its defaults, as its README uses it. Leaves video.mp4 and text.txt in the current folder.

Usage: plain_faster_whisper.py MODEL_FOLDER URL
"""

import sys

from download import download
from faster_whisper import WhisperModel

model_folder, url = sys.argv[1:]
media = download(url)
model = WhisperModel(model_folder)
segments, _ = model.transcribe(media)
with open("text.txt", "w", encoding="utf-8") as file:
    for segment in segments:
        file.write(f"{segment.text.strip()}\n")
