"""The render process: ``python -m lab.render.server``, started and fed by lab.render.client."""

from __future__ import annotations

import os
import time
import traceback

from lab.channel import ChannelClosed, child_channel
from lab.render.gl import NoOpenGL, find_opengl
from lab.render.messages import RendererFailed, RendererReady


def main() -> None:
    """Find OpenGL, load Open3D, and serve until the client is gone. It is told what goes wrong before that."""
    start = time.perf_counter()
    channel = child_channel()
    os.dup2(2, 1)  # Filament talks on standard output, which belongs to the program that started us
    try:
        opengl = find_opengl()
        from lab.render.graphics import OPEN3D_VERSION
        from lab.render.service import Service
    except NoOpenGL as error:
        channel.send(RendererFailed(str(error), error.details, final=True))
        return
    except ImportError as error:
        sentence = f"Open3D, which draws the 3D view, cannot be loaded: {error}"
        channel.send(RendererFailed(sentence, traceback.format_exc(), final=True))
        return
    service = Service(channel, software=opengl.software)
    channel.send(RendererReady(opengl.renderer, OPEN3D_VERSION, time.perf_counter() - start))
    try:
        service.run()
    except ChannelClosed:  # the client left while it was being answered
        return


if __name__ == "__main__":
    main()
