"""
The inference worker: Whisper and all-MiniLM-L6-v2 in one small process, asked over stdin, answering on stdout.

    worker.py --whisper <folder> --embedder <folder>

The protocol is in engine/wire.py, the operations in engine/operations.py. It ends when stdin closes.
"""

import argparse
import os
import sys
import traceback


def main():
    options = _options()
    # Read by the libraries when they are loaded, which is later; see engine/models.py.
    os.environ["OMP_NUM_THREADS"] = "1"

    from engine import memory
    from engine.models import Models
    from engine.operations import Operations
    from engine.wire import Requests

    memory.configure()
    # Whatever a library prints must not get between the replies.
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    operations = Operations(Models(options.whisper, options.embedder))
    try:
        _serve(Requests(sys.stdin.buffer), replies, operations)
    except (EOFError, BrokenPipeError, KeyboardInterrupt):
        pass
    # The libraries' threads and destructors have nothing left to do.
    os._exit(0)


def _serve(requests, replies, operations):
    from engine.errors import RequestError
    from engine.wire import write_reply

    while True:
        try:
            request = requests.next()
            if request is None:
                return
            outcome = {"ok": operations.run(request)}
        except RequestError as error:
            outcome = {"error": {"code": error.code, "message": str(error)}}
        except (EOFError, BrokenPipeError):
            raise
        except Exception as error:
            traceback.print_exc()
            outcome = {"error": {"code": "InternalError", "message": f"{type(error).__name__}: {error}"}}
        write_reply(replies, requests.id, outcome)


def _options():
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument("--whisper", required=True, help="folder of the Whisper model (CTranslate2)")
    parser.add_argument("--embedder", required=True, help="folder of all-MiniLM-L6-v2 (CTranslate2)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
