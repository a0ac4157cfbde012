"""The process of the editor of joints: ``python -m lab.keypoints.server``, one end of a channel (lab.channel.Child)."""

from __future__ import annotations

import contextlib

from lab.channel import ChannelClosed, child_channel
from lab.keypoints.workshop import Workshop
from lab.run.warmup import volunteer


def main() -> None:
    """Answer requests, in their order, until the channel closes."""
    channel = child_channel()
    volunteer()
    workshop = Workshop()
    with contextlib.suppress(ChannelClosed):  # the window is gone
        while True:
            channel.send(workshop.answer(channel.receive()))


if __name__ == "__main__":
    main()
