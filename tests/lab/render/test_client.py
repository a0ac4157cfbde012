"""The render process as its client keeps it: restarts, order, interruptions, failures, memory."""

from __future__ import annotations

import os
import queue
import signal
import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import psutil
import pytest

from lab.render.camera import Camera
from lab.render.client import RenderClient
from lab.render.messages import Drawn, Picked, RendererFailed, RendererReady, Shot, Style, View
from lab.render.offline import OfflineRenderer, RenderError
from lab.scene import Image, Lines, Mesh, Points
from tests.lab.render.render_help import Watched, plain_view, sphere, square

NO_DRIVER = {"__EGL_VENDOR_LIBRARY_FILENAMES": "/nonexistent"}


@pytest.fixture
def own() -> Iterator[Watched]:
    """A client of the test's own, to be mistreated."""
    watched = Watched()
    watched.ready()
    yield watched
    watched.client.close()


def gone(pid: int, seconds: float = 5.0) -> bool:
    end = time.monotonic() + seconds
    while psutil.pid_exists(pid) and time.monotonic() < end:
        time.sleep(0.02)
    return not psutil.pid_exists(pid)


def test_it_says_who_draws(shared_client):
    other = Watched()
    ready = other.ready()
    other.client.close()
    assert ready.gl_renderer
    assert ready.open3d_version.startswith("0.19")
    assert 0 < ready.seconds < 60


def test_kill_9_brings_scene_and_view_back(own):
    own.client.set_entity("a", square((1, 0.5, 0)))
    own.client.set_style("a", Style(color=(0, 1, 0)))
    view = plain_view()
    before = own.pixels(view, False)
    pid = own.client.pid
    os.kill(pid, signal.SIGKILL)
    failed = own.next(RendererFailed)
    assert not failed.final
    assert "SIGKILL" in failed.sentence
    back = own.next(Drawn)  # without being asked
    assert back.view == view
    assert np.array_equal(back.pixels, before)
    assert own.client.pid not in (None, pid)


def test_changes_made_while_it_is_dead_are_there_afterwards(own):
    own.client.set_entity("a", square((1, 0, 0)))
    own.client.set_entity("b", replace(square((0, 1, 0)), verts=square().verts + np.float32([0, 0, 0.1])))
    own.draw(plain_view())
    os.kill(own.client.pid, signal.SIGKILL)
    own.client.remove("b")
    own.client.set_entity("a", square((0, 0, 1)))
    assert own.pixels(plain_view())[32, 48].tolist() == [0, 0, 255]


def test_open_questions_are_answered_when_it_dies(own):
    own.client.set_entity("a", sphere(4))
    own.draw(plain_view())
    token = own.client.shoot(replace(plain_view(), width=7000, height=4000))
    time.sleep(0.3)
    os.kill(own.client.pid, signal.SIGKILL)
    shot = own.next(Shot)
    assert shot.token == token
    assert shot.pixels is None
    assert "SIGKILL" in shot.sentence


def test_dying_again_and_again_is_final_and_start_tries_anew(own):
    own.client.set_entity("a", square((1, 1, 1)))
    own.draw(plain_view())
    for _ in range(3):
        os.kill(own.client.pid, signal.SIGKILL)
        assert not own.next(RendererFailed).final
        own.ready()
    os.kill(own.client.pid, signal.SIGKILL)
    last = own.next(RendererFailed)
    assert last.final
    assert "4 times" in last.sentence
    assert own.client.pid is None
    own.client.start()
    assert own.next(Drawn).pixels.max() == 255


def test_no_driver_is_told_in_a_sentence():
    watched = Watched(NO_DRIVER)
    failed = watched.next(RendererFailed)
    assert failed.final
    assert "OpenGL 4.1" in failed.sentence
    assert "apt install" in failed.sentence
    assert "eglGetDisplay" in failed.details
    watched.client.close()
    with pytest.raises(RenderError, match=r"OpenGL 4\.1"):
        OfflineRenderer(env=NO_DRIVER)


def test_a_wrong_platform_in_the_environment_does_not_matter():
    watched = Watched({"EGL_PLATFORM": "rubbish"})
    assert watched.ready().gl_renderer
    watched.client.close()


def test_a_module_that_cannot_start_is_reported(tmp_path):
    (tmp_path / "numpy.py").write_text("raise ImportError('broken on purpose')")
    watched = Watched({"PYTHONPATH": str(tmp_path)})
    failed = watched.next(RendererFailed)
    assert "status 1" in failed.sentence
    assert "broken on purpose" in failed.details
    watched.client.close()


def test_a_renderer_that_hangs_at_its_start_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr("lab.render.client.START_SECONDS", 1.0)
    (tmp_path / "numpy.py").write_text("import time\ntime.sleep(1000)")
    watched = Watched({"PYTHONPATH": str(tmp_path)})
    failed = watched.next(RendererFailed)
    assert "did not start within 1 seconds" in failed.sentence
    assert not failed.final
    watched.client.close()


def test_closing_leaves_no_process_and_no_thread():
    watched = Watched()
    watched.ready()
    pid = watched.client.pid
    start = time.monotonic()
    watched.client.close()
    assert time.monotonic() - start < 1
    assert gone(pid)
    assert not watched.client._supervisor.is_alive()
    watched.client.start()
    assert watched.client.pid is None  # closed is closed


def test_closing_while_it_starts_leaves_no_process():
    others = {child.pid for child in psutil.Process().children()}
    for pause in (0.0, 0.05, 0.3):
        client = RenderClient(lambda event: None)
        client.start()
        time.sleep(pause)
        client.close()
        assert {child.pid for child in psutil.Process().children()} <= others


def test_of_many_requests_only_the_newest_is_drawn(watched):
    watched.client.set_entity("a", sphere(4))
    views = [replace(plain_view(320, 240), camera=Camera().orbit(i / 10, 0)) for i in range(200)]
    for view in views:
        watched.client.draw(view, True)
    drawn = [watched.next(Drawn)]
    while drawn[-1].view != views[-1]:
        drawn.append(watched.next(Drawn))
    assert len(drawn) < 60
    order = [views.index(event.view) for event in drawn if event.view in views]
    assert order == sorted(order)
    with pytest.raises(queue.Empty):
        watched.next(Drawn, seconds=0.3)


def test_a_draft_interrupts_a_picture_in_full_quality(watched):
    rng = np.random.default_rng(0)
    watched.client.set_entity("a", Points(rng.uniform(-1, 1, (300_000, 3))))
    view = plain_view(1280, 960, camera=Camera(distance=4))
    watched.draw(view)
    watched.client.draw(view, False)
    watched.sent()
    moved = replace(view, camera=view.camera.orbit(0.1, 0))
    watched.client.draw(moved, True)
    first = watched.next(Drawn)
    assert first.draft
    assert first.view == moved


def test_nothing_is_answered_twice(watched):
    watched.client.set_entity("a", square())
    numbers = [watched.draw(plain_view(), draft).number for draft in (True, False, True, False)]
    assert numbers == sorted(set(numbers))
    with pytest.raises(queue.Empty):
        watched.next(Drawn, seconds=0.2)


def test_duty_leaves_the_processor_to_others(watched):
    watched.client.set_entity("a", sphere(4))
    view = plain_view(640, 480, camera=Camera(distance=4))
    watched.draw(view)
    watched.client.set_duty(0.25)
    busy, start = 0.0, time.monotonic()
    for i in range(12):
        busy += watched.draw(replace(view, camera=view.camera.orbit(i * 0.1, 0))).seconds
    assert busy / (time.monotonic() - start) < 0.35


def test_an_unchanged_array_is_sent_once(watched):
    """Only the vertices travel during a run: the bytes written grow by those, not by the faces."""
    body = sphere(5)
    watched.client.set_entity("a", body)
    watched.draw(plain_view())
    renderer = psutil.Process(watched.client.pid)

    def received() -> int:
        return renderer.io_counters().read_chars

    before = received()
    for i in range(5):
        watched.client.set_entity("a", Mesh(body.verts + np.float32(i), body.faces))
        watched.draw(plain_view())
    assert received() - before < 5 * (body.verts.nbytes + 40_000)
    assert body.faces.nbytes > 200_000


def test_images_are_for_another_pane(watched):
    watched.client.set_entity("a", Image(np.zeros((4, 4, 3), np.uint8)))
    assert watched.pixels(plain_view()).max() == 0


def test_a_screenshot_has_the_size_asked_for_and_a_limit(watched):
    watched.client.set_entity("a", square((1, 0, 0)))
    watched.draw(plain_view())
    token = watched.client.shoot(replace(plain_view(), width=2001, height=1203))
    shot = watched.next(Shot)
    assert shot.token == token
    assert shot.pixels.shape == (1203, 2001, 3)
    assert shot.pixels[600, 1000].tolist() == [255, 0, 0]
    watched.client.shoot(replace(plain_view(), width=9000, height=9000))
    refused = watched.next(Shot)
    assert refused.pixels is None
    assert "7680 x 4320" in refused.sentence


def test_a_pick_does_not_wait_for_full_quality(watched):
    rng = np.random.default_rng(0)
    watched.client.set_entity("a", Points(rng.uniform(-1, 1, (300_000, 3))))
    view = plain_view(1920, 1440, camera=Camera(distance=4))  # its full quality takes about a second
    watched.draw(view)
    watched.client.draw(view, False)
    watched.sent()
    watched.client.pick(view, 960, 720)
    kinds = [type(watched.events.get(timeout=60)) for _ in range(2)]
    assert kinds == [Picked, Drawn]


def test_memory_stays_flat_while_a_run_streams(watched):
    body = sphere(4)
    view = View(Camera(distance=4), 400, 300)
    watched.client.set_style("a", Style(scalar="d"))

    def stream(count: int) -> float:
        for i in range(count):
            verts = body.verts * np.float32(1 + 0.1 * np.sin(i))
            watched.client.set_entity("a", Mesh(verts, body.faces, scalars={"d": verts[:, 0].copy()}))
            watched.draw(view)
        return psutil.Process(watched.client.pid).memory_info().rss / 1e6

    warm = stream(120)
    assert stream(120) - warm < 8  # megabytes


def test_offline_sends_only_what_changed(offline):
    body = square((1, 0, 0))
    first = offline.render({"a": body}, {}, plain_view())
    assert first[32, 48].tolist() == [255, 0, 0]
    restyled = offline.render({"a": body}, {"a": Style(color=(0, 1, 0))}, plain_view())
    assert restyled[32, 48].tolist() == [0, 255, 0]
    back = offline.render({"a": body}, {}, plain_view())
    assert np.array_equal(back, first)
    assert offline.render({}, {}, plain_view()).max() == 0
    with pytest.raises(RenderError, match="too large"):
        offline.render({}, {}, replace(plain_view(), width=9000, height=9000))


def test_offline_notices_that_its_process_is_gone():
    with OfflineRenderer() as renderer:
        assert isinstance(renderer.ready, RendererReady)
        os.kill(renderer._child.process.pid, signal.SIGKILL)
        with pytest.raises(RenderError, match="ended before"):
            renderer.render({"a": sphere(5)}, {}, plain_view())


def test_lines_that_are_all_one_point_do_no_harm(watched):
    watched.client.set_entity("a", Lines(np.ones((5, 3)), [[0, 1], [1, 2]]))
    pid = watched.client.pid
    assert watched.pixels(plain_view()).shape == (64, 96, 3)
    watched.client.set_entity("a", Lines(np.eye(3), [[0, 1], [1, 2]]))
    assert watched.client.pid == pid
