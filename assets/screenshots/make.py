"""Makes the pictures of the README from the running program: ``python assets/screenshots/make.py``.

It opens the real window on Qt's off-screen platform, works in it as a person would, and takes pictures of it.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parents[1]))
os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ.setdefault("QT_SCALE_FACTOR", "1.25")  # sharp on most screens, and still small files

from lab.run.source import WorkerSource
from ui.app import make_application, open_window
from ui.probe.meters import spin, wait_until
from ui.window.settings import Settings
from ui.window.window import MainWindow

SIZE = (1440, 900)
STUDIES = ("representations", "lens", "motions", "shading", "soft-rasterizer")
VOLUMES = ("ray-marching", "scalar-volume")
LIVE_STEP, ARROWS_STEP, FIELD_STEP = 420, 60, 250
ARROWS = ("laplacian",)
REST_SECONDS = 2.5  # until the viewport rests in full quality


def expect(what: str, condition: Callable[[], bool]) -> None:
    """Wait for something to happen. Raises SystemExit if it does not."""
    if not wait_until(condition, 120.0):
        raise SystemExit(f"It did not happen: {what}.")


def take(window: MainWindow, name: str) -> None:
    """A picture of the whole window, at rest."""
    spin(REST_SECONDS)
    path = FOLDER / f"{name}.png"
    if not window.grab().save(str(path)):
        raise SystemExit(f"{path} cannot be saved.")
    sys.stdout.write(f"{path.name}\n")


def pause_at(window: MainWindow, step: int) -> None:
    """Let the run go on to a step, and pause it there."""
    run = window.controller.current
    assert run is not None
    expect(f"step {step}", lambda: run.step >= step)
    window.controller.pause()
    expect("a pause", lambda: window.controller.state == "paused")


def show_arrows(window: MainWindow, shown: bool) -> None:
    """Press the buttons beside the losses."""
    for term in ARROWS:
        window.panel.form.set_arrows(term, shown)
        window.looks.set_arrows(term, shown)


def pictures(window: MainWindow) -> None:
    """Work in the window as a person would, and take the pictures."""
    expect("a warm worker", lambda: window.controller.ready is not None)
    window.opening.start_example()
    expect("a run", lambda: window.controller.state == "running")
    window.viewport.set_camera(window.viewport.camera.standard("iso").orbit(0.55, 0.0))
    window.viewport.fit()
    pause_at(window, ARROWS_STEP)
    show_arrows(window, True)
    take(window, "arrows")
    show_arrows(window, False)
    window.controller.resume()
    pause_at(window, LIVE_STEP)
    take(window, "lab")
    window.panel.show_page(1)
    take(window, "lesson")
    window.controller.resume()
    expect("the end of the run", lambda: window.controller.state == "idle")
    window.themes.set_theme("light")
    window.panel.show_page(2)
    take(window, "light")


def studies(window: MainWindow) -> None:
    """The studies of chapters 1 to 3."""
    window.themes.set_theme("dark")
    _each(window, STUDIES)


def volumes(window: MainWindow) -> None:
    """Those of chapter 6."""
    _each(window, VOLUMES)


def _each(window: MainWindow, keys: tuple[str, ...]) -> None:
    """Open each study as a person would, and take its picture."""
    for key in keys:
        window.open_activity(key)
        expect("a stage", lambda: window.study_desk.stage is not None)
        stage = window.study_desk.stage
        assert stage is not None
        expect("a board", lambda stage=stage: stage.board is not None)
        window.study_desk.panel_of(stage.activity).show_page(0)
        expect("an answer", lambda: not window.studies.busy)
        take(window, key)


def pose(window: MainWindow) -> None:
    """Find a camera."""
    window.open_activity("pose")
    window.opening.start_example()
    expect("a run", lambda: window.controller.state == "running")
    expect("its end", lambda: window.controller.state == "idle")
    window.viewport.set_camera(window.viewport.camera.standard("iso"))
    window.viewport.fit()
    take(window, "pose")


def body(window: MainWindow) -> None:
    """Pose a body, and find one in a photo."""
    window.open_activity("body")
    expect("a body", lambda: window.study_desk.stage is not None and window.study_desk.stage.board is not None)
    window.panel.form.apply_preset("Walking")
    window.panel.form.set_values({"joint": "right_elbow"})
    expect("a pose", lambda: not window.studies.busy)
    take(window, "body")
    window.study_desk.leave()
    window.open_activity("smplify")
    window.actions_by_name["run"].trigger()
    expect("a run", lambda: window.controller.state == "running")
    expect("its end", lambda: window.controller.state == "idle")
    window.viewport.fit()
    take(window, "smplify")


def field(window: MainWindow) -> None:
    """Train a radiance field, and look while it trains."""
    expect("a warm worker", lambda: window.controller.ready is not None)
    window.open_activity("nerf")
    window.opening.start_example()
    expect("a run", lambda: window.controller.state == "running")
    pause_at(window, FIELD_STEP)
    camera = window.viewport.camera.standard("iso")
    window.viewport.set_camera(replace(camera, distance=5.6))
    take(window, "nerf")


def work(*parts: Callable[[MainWindow], None]) -> None:
    """A new window, and what is done in it."""
    with tempfile.TemporaryDirectory() as folder:
        window = open_window(Settings(Path(folder) / "settings.ini"), WorkerSource())
        try:
            window.resize(*SIZE)
            window.show()
            for part in parts:
                part(window)
        finally:
            window.controller.stop()
            wait_until(lambda: window.controller.state in ("idle", "starting"), 20.0)
            window.close()


def main() -> None:
    """Make them all."""
    make_application()
    work(pictures, studies, pose)
    work(body)
    work(volumes)
    work(field)


if __name__ == "__main__":
    main()
