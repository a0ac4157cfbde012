"""Fly and film: what leaves a radiance field. Films along a camera's way, meshes, point clouds and depth maps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lab.chapter import Preset, StudyActivity
from lab.params import choice, geometry, integer, number, numbers, switch
from lab.study import Action, Pane

ORBIT, SPIRAL, KEYS = "orbit", "spiral", "keyframes"
TARGET, ROTATION = "at its target", "by rotations"
EVEN, TIMED = "even speed", "even times"
LIGHT, DENSITY = "where light stops", "a density"
WAY, MESH, POINTS = "way", "mesh", "points"
MOST_KEYS = 16
NUMBERS = 6
"""Of a keyframe: where the camera stands and what it looks at, x, y, z each."""

ADD, REMOVE = "add", "remove"
MAKE_FILM, MAKE_MESH, MAKE_POINTS, MAKE_DEPTHS = "film", "mesh", "points", "depths"

_AROUND = ("route", (ORBIT, SPIRAL))
_BY_KEYS = ("route", (KEYS,))
_SHAPES = ("shown", (MESH, POINTS))
_OF_MESH = ("shown", (MESH,))


def _keys() -> Any:
    return numbers(
        (0.0,) * (MOST_KEYS * NUMBERS), "Keyframes", "Their numbers.", minimum=-1e6, maximum=1e6, hidden=True
    )


@dataclass(frozen=True)
class FilmParams:
    """Parameters of "Fly and film". World: right-handed, Y up; metres, or the units of the field."""

    field: str = geometry(
        "Field",
        "A radiance field: one that you trained, or a file. Without one, the lab trains a small one of Spot.",
        accepts=("field",),
        optional=True,
        group="Field",
    )
    shown: str = choice(
        WAY,
        "Shown below",
        "Depths and speeds on the camera's way, or the surface as a mesh or as points.",
        (WAY, MESH, POINTS),
        group="Field",
    )

    shape: str = choice(
        LIGHT,
        "Surface",
        "Where a share of the light from outside is gone, or where the density has a value, also inside.",
        (LIGHT, DENSITY),
        when=_SHAPES,
        group="Surface",
    )
    opacity: float = number(
        0.2,
        "Light gone",
        "Of the light from the clearest sides, where it meets the surface. Haze needs more of it.",
        minimum=0.01,
        maximum=0.99,
        when=_SHAPES,
        group="Surface",
    )
    density: float = number(
        40.0,
        "Density",
        "On the surface, where it is of one density.",
        minimum=0.01,
        maximum=10_000.0,
        unit="1/m",
        log=True,
        when=_SHAPES,
        group="Surface",
    )
    largest: bool = switch(True, "Largest part alone", "Leave out what floats about.", when=_SHAPES, group="Surface")
    closed: bool = switch(
        True,
        "Watertight",
        "Close the surface where the field's box cuts the object off.",
        when=_SHAPES,
        group="Surface",
    )
    smooth: int = integer(
        3, "Smoothing", "Rounds of it; the size stays.", minimum=0, maximum=100, when=_SHAPES, group="Surface"
    )
    faces: int = integer(
        0,
        "Faces",
        "About so many; 0 keeps all that marching cubes gives.",
        minimum=0,
        maximum=2_000_000,
        when=_OF_MESH,
        group="Surface",
    )
    points: int = integer(
        50_000,
        "Points",
        "Spread evenly over the surface.",
        minimum=100,
        maximum=2_000_000,
        log=True,
        when=("shown", (POINTS,)),
        group="Surface",
    )

    route: str = choice(
        ORBIT,
        "Way",
        "One turn at one height, turns from below to above, or through keyframes of your own.",
        (ORBIT, SPIRAL, KEYS),
        group="Way",
    )
    turns: float = number(
        1.0, "Turns", "Around the object; below 0 the other way.", minimum=-5.0, maximum=5.0, when=_AROUND, group="Way"
    )
    elevation: float = number(
        15.0,
        "Elevation",
        "How far above the horizon the camera is; a spiral ends there, and begins as far below.",
        minimum=-85.0,
        maximum=85.0,
        unit="°",
        when=_AROUND,
        group="Way",
    )
    start: float = number(
        150.0,
        "Begins at",
        "The side from which the camera looks at first: 0 is +Z, 90 is +X.",
        minimum=-180.0,
        maximum=180.0,
        unit="°",
        when=_AROUND,
        group="Way",
    )
    distance: float = number(
        1.0,
        "Distance",
        "Against the one at which the whole object is just in the picture.",
        minimum=0.1,
        maximum=10.0,
        log=True,
        when=_AROUND,
        group="Way",
    )
    key: int = integer(
        1,
        "Keyframe",
        "The one that can be dragged. Click another one in the world.",
        minimum=1,
        maximum=MOST_KEYS,
        when=_BY_KEYS,
        group="Way",
    )
    loop: bool = switch(True, "Loop", "From the last keyframe on to the first.", when=_BY_KEYS, group="Way")
    gaze: str = choice(
        TARGET,
        "Gaze",
        "Between keyframes. At its target: what it looks at moves smoothly, too, and the camera stays upright. By "
        "rotations: from one to the next on the shortest way, which may lose the object.",
        (TARGET, ROTATION),
        when=_BY_KEYS,
        group="Way",
    )
    pace: str = choice(
        EVEN,
        "Pace",
        "The camera's speed is even, or it takes the same time from each keyframe to the next.",
        (EVEN, TIMED),
        when=_BY_KEYS,
        group="Way",
    )
    keys: tuple[float, ...] = _keys()
    count: int = integer(0, "Number", "Of keyframes.", minimum=0, maximum=MOST_KEYS, hidden=True)

    time: float = number(
        0.0,
        "Time",
        "Where in the film the camera is.",
        minimum=0.0,
        maximum=120.0,
        unit="s",
        play=True,
        group="Film",
    )
    seconds: float = number(6.0, "Length", "Of the film.", minimum=0.5, maximum=120.0, unit="s", log=True, group="Film")
    rate: int = integer(24, "Frames a second", "Of the film.", minimum=1, maximum=60, group="Film")
    width: int = integer(480, "Width", "Of the film.", minimum=16, maximum=1920, unit="px", group="Film")
    height: int = integer(360, "Height", "Of the film.", minimum=16, maximum=1920, unit="px", group="Film")
    fov: float = number(
        40.0,
        "Field of view",
        "The angle that the picture's shorter side spans.",
        minimum=5.0,
        maximum=120.0,
        unit="°",
        group="Film",
    )
    ground: float = number(
        0.0,
        "Background",
        "Behind the object: 0 is black, 1 is white. A field that learned a sky has its own.",
        minimum=0.0,
        maximum=1.0,
        group="Film",
    )


FILM = StudyActivity(
    key="field-film",
    title="Fly and film",
    summary="Fly through a radiance field and take along a film, a mesh, a point cloud, depth maps.",
    params=FilmParams,
    study="lab.fields.out.study:FilmStudy",
    lesson="field-film.md",
    panes=(
        (
            Pane("world", "World", "view", "The field, and the camera on its way. Drag the keyframe that is lit."),
            Pane("frame", "Frame", "picture", "What the camera sees at this time."),
        ),
        (
            Pane("surface", "Surface", "view", "What programs without fields can open.", linked=False),
            Pane(
                "depth", "Depth", "picture", "How far away what it sees is, along the optical axis. Hover for metres."
            ),
            Pane("speed", "Speed", "plot", "How fast the camera moves and turns."),
        ),
    ),
    actions=(
        Action(ADD, "Add keyframe", "Where the camera is now. An orbit or a spiral is turned into keyframes."),
        Action(REMOVE, "Remove keyframe", "The one that is lit."),
        Action(MAKE_FILM, "Make film", "Draw all frames, to be saved as MP4, GIF or PNG."),
        Action(MAKE_MESH, "Extract mesh", "The surface with colours, to be saved as PLY, OBJ, GLB or STL."),
        Action(MAKE_POINTS, "Take points", "A cloud of points with colours, to be saved as PLY."),
        Action(MAKE_DEPTHS, "Depth maps", "Of all frames, with their cameras, to be saved as NPZ."),
    ),
    presets=(
        Preset("Turntable", "One turn at one height.", {}),
        Preset(
            "Spiral",
            "Two turns, from below to above.",
            {"route": SPIRAL, "turns": 2.0, "elevation": 50.0, "seconds": 10.0},
        ),
        Preset(
            "Keyframes", "A way of your own: it begins as an orbit, and each keyframe can be dragged.", {"route": KEYS}
        ),
        Preset(
            "Mesh",
            "The surface as a closed mesh of 20,000 faces, for other programs.",
            {"shown": MESH, "faces": 20_000},
        ),
        Preset(
            "What the density says",
            "The surface of one density: nobody saw the inside, and it is full of caves.",
            {"shown": MESH, "shape": DENSITY, "smooth": 0, "largest": False},
        ),
        Preset("Points", "Fifty thousand points on the surface.", {"shown": POINTS}),
    ),
    figures={
        "Frames": "Of the film.",
        "Way": "How far the camera goes, metres.",
        "Seen": "Share of the frame's pixels that stop more than half of the light.",
        "Nearest": "Depth of what is nearest in the frame, metres.",
        "Vertices": "Of the mesh.",
        "Faces": "Of the mesh.",
        "Points": "Of the cloud.",
        "Parts": "Connected ones, of the mesh.",
        "Watertight": "Whether each edge of the mesh has two faces.",
        "Area": "Of the mesh, square metres.",
        "Volume": "Inside the mesh, cubic metres; of a closed one alone.",
    },
)
