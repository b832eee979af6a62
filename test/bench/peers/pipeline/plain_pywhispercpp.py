"""yt-dlp, then whisper.cpp through pywhispercpp at its defaults, as its README uses it. Leaves video.mp4 and text.txt in the
current folder. ffmpeg has to be on the PATH.

Usage: plain_pywhispercpp.py MODEL_FILE THREADS URL
"""

import sys

from download import download
from pywhispercpp.model import Model

model_file, threads, url = sys.argv[1:]
media = download(url)
model = Model(model_file, n_threads=int(threads))
segments = model.transcribe(media)
with open("text.txt", "w", encoding="utf-8") as file:
    for segment in segments:
        file.write(f"{segment.text}\n")
