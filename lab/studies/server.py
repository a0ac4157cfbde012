"""The study process: ``python -m lab.studies.server``, one end of a channel (see lab.channel.Child)."""

from __future__ import annotations

import contextlib
import os
import sys
import threading

from lab.channel import Channel, ChannelClosed, child_channel
from lab.run.warmup import prepare_environment, volunteer
from lab.studies.service import Questions, serve


def main() -> None:
    """Answer questions until the channel closes."""
    channel = child_channel()
    questions = Questions()
    threading.Thread(target=_read, args=(channel, questions), name="questions", daemon=True).start()
    volunteer()
    with contextlib.ExitStack() as stack:
        prepare_environment(stack)
        with contextlib.suppress(ChannelClosed):  # the parent is gone: there is nobody to tell
            serve(questions, channel.send)
    sys.stderr.flush()
    os._exit(0)  # tearing torch down takes half a second, and nothing is left to save


def _read(channel: Channel, questions: Questions) -> None:
    try:
        while True:
            questions.post(channel.receive())
    except ChannelClosed:
        questions.close()


if __name__ == "__main__":
    main()
