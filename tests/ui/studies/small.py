"""A small study for the tests of the stage and the panel: points on a sphere, with one pane of each kind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from lab import params
from lab.chapter import Preset, StudyActivity
from lab.palette import surface
from lab.render.messages import Style
from lab.scene import Lines, Mesh, Points
from lab.study import (
    Action,
    Board,
    Handle,
    Label,
    Mark,
    Note,
    Pane,
    Picture,
    Plot,
    StudyContext,
    Table,
    Text,
    View3D,
)


@dataclass(frozen=True)
class Params:
    """One parameter of each kind."""

    object: str = params.geometry("Object", "The mesh whose vertices are shown.", group="Object")
    others: tuple[str, ...] = params.geometries(
        "Batch", "Meshes that are listed beside it.", group="Object", optional=True
    )
    noise: float = params.number(0.02, "Noise", "Standard deviation.", minimum=0, maximum=1, unit="m", group="Points")
    count: int = params.integer(200, "Points", "How many are drawn.", minimum=1, maximum=5000, group="Points")
    sampling: str = params.choice("even", "Sampling", "How they are chosen.", ("even", "random"), group="Points")
    ghost: bool = params.switch(True, "Ghost", "Show the mesh behind the points.", group="Points")
    size: float = params.number(
        4.0, "Point size", "In pixels.", minimum=1, maximum=20, unit="px", group="Points", advanced=True
    )
    x: float = params.number(0.0, "x", "Of the light.", minimum=-5, maximum=5, unit="m", group="Light")
    y: float = params.number(2.0, "y", "Of the light.", minimum=-5, maximum=5, unit="m", group="Light")
    z: float = params.number(2.0, "z", "Of the light.", minimum=-5, maximum=5, unit="m", group="Light")
    column: int = params.integer(40, "Column", "Of the pixel.", minimum=0, maximum=255, unit="px", group="Pixel")
    row: int = params.integer(40, "Row", "Of the pixel.", minimum=0, maximum=255, unit="px", group="Pixel")
    vertex: int = params.integer(0, "Vertex", "The one that is pointed at.", minimum=0, maximum=10_000, group="Pixel")
    table_file: str = params.file("File", "A file with names.", group="Words")
    words: str = params.text("", "Words", "Numbers to be read.", group="Words")


class SmallStudy:
    """Answers with a full board, and a worse one before it."""

    def boards(self, values: Params, ctx: StudyContext) -> Iterator[Board]:
        mesh = ctx.geometry("object")
        assert isinstance(mesh, Mesh)
        yield board_of(values, mesh, ctx.action)


def board_of(values: Params, mesh: Mesh, action: str = "") -> Board:
    """The board of a mesh: its vertices as points with noise, and a picture of a ramp."""
    rng = np.random.default_rng(0)
    pick = np.linspace(0, len(mesh.verts) - 1, values.count).astype(int)
    points = Points(mesh.verts[pick] + rng.normal(0, values.noise, (values.count, 3)))
    ramp = np.add.outer(np.arange(192), np.arange(256)).astype(np.float32)
    pixels = np.stack([ramp / 2, 255 - ramp / 2, np.full_like(ramp, 120)], -1).clip(0, 255).astype(np.uint8)
    light = (values.x, values.y, values.z)
    ray = Lines(np.array([light, (0, 0, 0)]), np.array([[0, 1]]))
    steps = np.linspace(0, 1, 200)
    hues = np.repeat(np.arange(5), -(-len(pick) // 5))[: len(pick)]
    hues[-7:] = -1
    marked = min(values.vertex, values.count - 1)
    cells: tuple[Any, ...] = (pick, *points.verts.T, tuple(f"point {i}" for i in pick))
    return Board(
        panes={
            "mesh": View3D(
                {"mesh": mesh, "ray": ray},
                {"mesh": Style(color=surface(0)), "ray": Style(color=surface(4))},
                handles=(Handle("light", "point", ("x", "y", "z"), light, label="light"),),
                labels=(Label((0.0, 0.0, 0.0), "origin"),),
            ),
            "points": View3D({"points": points}, {"points": Style(color=surface(1), point_size=values.size)}),
            "image": Picture(
                pixels, (Mark(values.column + 0.5, values.row + 0.5, "pixel"),), values=ramp / 100, unit="m"
            ),
            "rows": Table(("vertex", "x", "y", "z", "name"), cells, hues.astype(np.int32), marked=marked),
            "code": Text(
                "# The light\nimport torch\n\n"
                f"light = torch.tensor([{values.x:.3f}, {values.y:.3f}, {values.z:.3f}])\n"
                f'name = "{values.sampling}"\nfor i in range({values.count}):\n    print(i, light / 2.5e-3)\n',
                "python",
            ),
            "curves": Plot(
                {"sine": (steps, np.sin(7 * steps)), "cosine": (steps, np.cos(7 * steps)), "noise": (steps, steps**2)},
                "t",
                "value",
                at=values.noise,
            ),
        },
        figures={
            "Points": values.count,
            "Chamfer distance": 0.0123456,
            "Watertight": True,
            "Sampling": values.sampling,
        },
        results={"points": points, "mesh": mesh},
        notes=(Note("warning", "The noise is larger than the holes.", "Make it smaller."),)
        if values.noise > 0.1
        else (),
        values={"noise": 0.0} if action == "smooth" else {},
        status=f"{values.count:,} points in 0.01 s",
    )


SMALL = StudyActivity(
    key="tests.ui.studies.small:SMALL",
    title="Points on a mesh",
    summary="For tests.",
    params=Params,
    lesson="../../tests/ui/studies/small.md",
    presets=(
        Preset("Even", "Evenly spaced points without noise.", {"noise": 0.0}),
        Preset("Noisy", "Many points, far off.", {"noise": 0.2, "count": 2000}),
    ),
    figures={"Chamfer": "How far the points are from the mesh, squared, on average."},
    study="tests.ui.studies.small:SmallStudy",
    panes=(
        (
            Pane("mesh", "Mesh", "view", "The mesh and the light.", pick="vertex"),
            Pane("points", "Points", "view", "The points alone."),
            Pane("image", "Depth", "picture", "How far each pixel is.", point=("column", "row")),
        ),
        (
            Pane("rows", "Vertices", "table", "One row each."),
            Pane("code", "As code", "text", "The light as PyTorch code."),
            Pane("curves", "Curves", "plot", "Over time."),
        ),
    ),
    actions=(
        Action("smooth", "Smooth", "Take the noise away."),
        Action("again", "Again", "Choose other points."),
    ),
)
