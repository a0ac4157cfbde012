"""The worker process: ``python -m lab.run.worker``, one end of a channel (see lab.channel.Child).

It imports the heavy packages once, makes one run after another, and ends when its channel closes. A thread reads the
commands, so that they are seen while a step is computed.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time

from lab.channel import Channel, ChannelClosed, child_channel
from lab.run.driver import serve
from lab.run.mailbox import Mailbox
from lab.run.messages import WorkerReady
from lab.run.warmup import prepare_environment, versions, volunteer, warm_up

_LAST_WORDS = 1.0  # seconds that a run gets to leave, once nobody listens any more


def main() -> None:
    """Serve runs until the channel closes."""
    start = time.monotonic()
    channel = child_channel()
    mailbox = Mailbox()
    threading.Thread(target=_read, args=(channel, mailbox), name="commands", daemon=True).start()
    volunteer()
    with contextlib.ExitStack() as stack:
        prepare_environment(stack)
        devices = warm_up()
        with contextlib.suppress(ChannelClosed):  # the parent is gone: there is nobody to tell
            channel.send(WorkerReady(versions(), devices, time.monotonic() - start))
            serve(mailbox, channel.send)
    sys.stderr.flush()
    os._exit(0)  # tearing torch down takes half a second, and nothing is left to save


def _read(channel: Channel, mailbox: Mailbox) -> None:
    """Pass commands on; when the channel closes, see to it that the process ends."""
    try:
        while True:
            mailbox.post(channel.receive())
    except ChannelClosed:
        mailbox.close()
        time.sleep(_LAST_WORDS)
        os._exit(0)  # it is in the middle of a long step


if __name__ == "__main__":
    main()
