#!/bin/sh
# yt-dlp, ffmpeg and whisper.cpp's command line at its defaults, as their READMEs use them; all on the PATH. Leaves video.mp4
# and text.txt in the current folder.
#
# Usage: plain_whisper_cli.sh MODEL_FILE THREADS URL
set -eu
yt-dlp --quiet --no-progress --compat-options no-certifi \
  --format 'worst[height<=480]/worst' --output 'video.%(ext)s' "$3"
ffmpeg -nostdin -loglevel error -i video.mp4 -ar 16000 -ac 1 -c:a pcm_s16le audio.wav
whisper-cli --model "$1" --threads "$2" --file audio.wav --output-txt --output-file text
