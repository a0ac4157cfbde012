"""A child process for the tests of the channel: it echoes, raises or hangs, as it is told."""

from __future__ import annotations

import time

from lab.channel import ChannelClosed, child_channel


def main() -> None:
    channel = child_channel()
    while True:
        try:
            order, value = channel.receive()
        except ChannelClosed:
            return
        if order == "raise":
            raise ValueError(value)
        if order == "hang":
            channel.send(("hanging", None))
            time.sleep(60)
        channel.send((order, value))


if __name__ == "__main__":
    main()
