"""Downloads files of one revision of a repository on the Hugging Face hub.

Usage: fetch_from_hub.py REPOSITORY REVISION OUTPUT_FOLDER FILE...

Exit code 3, or death by SIGALRM, when the hub does not answer.
"""

import signal
import sys

from huggingface_hub import hf_hub_download, hf_hub_url
from huggingface_hub.utils import get_session

UNREACHABLE = 3
# The client's own downloads retry for half a minute before they give up on a name that does not resolve.
PROBE_SECONDS = 5


def answers(url):
    """Whether the hub has the file, asked once."""
    try:
        return get_session().head(url, timeout=PROBE_SECONDS).status_code < 400
    except Exception as error:  # noqa: BLE001 the client's exceptions share no base class of their own
        print(error, file=sys.stderr)
        return False


def main(repository, revision, output, *files):
    # The timeout does not cover name resolution, and that cannot be interrupted: the alarm ends the process.
    signal.alarm(2 * PROBE_SECONDS)
    if not answers(hf_hub_url(repository, files[0], revision=revision)):
        sys.exit(UNREACHABLE)
    signal.alarm(0)
    for file in files:
        print(f"Downloading {file}", flush=True)
        hf_hub_download(repository, file, revision=revision, local_dir=output)


if __name__ == "__main__":
    main(*sys.argv[1:])
