"""Downloads a video as yt-dlp's README shows for use from Python."""

from yt_dlp import YoutubeDL


def download(url):
    """Into the current folder; returns the file's name. Proxy and authority are the environment's, as for our own yt-dlp."""
    options = {
        "format": "worst[height<=480]/worst",
        "outtmpl": "video.%(ext)s",
        "compat_opts": ["no-certifi"],
        "quiet": True,
        "noprogress": True,
    }
    with YoutubeDL(options) as ydl:
        return ydl.prepare_filename(ydl.extract_info(url))
