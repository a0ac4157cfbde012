"""The file inspector: what is in a PLY or OBJ file, line by line, beside its picture."""

from __future__ import annotations

from dataclasses import dataclass

from lab.chapter import Preset, StudyActivity
from lab.params import choice, file, integer
from lab.study import Pane

AS_IT_IS = "as it is"
PLY_ASCII = "PLY ascii"
PLY_LITTLE = "PLY little-endian"
PLY_BIG = "PLY big-endian"
OBJ = "OBJ"


@dataclass(frozen=True)
class InspectorParams:
    """Parameters of the file inspector."""

    file: str = file("File", "The mesh, point cloud or material list to look into.", group="File")
    show_as: str = choice(
        AS_IT_IS,
        "Show as",
        "The same content in another variant of PLY, or as OBJ, without saving it.",
        (AS_IT_IS, PLY_ASCII, PLY_LITTLE, PLY_BIG, OBJ),
        group="File",
    )
    spelling: str = choice(
        "old",
        "Names of types",
        "How a PLY header that is shown in another variant spells them: float and uchar, or float32 and uint8.",
        ("old", "new"),
        group="File",
        advanced=True,
    )
    face_list: str = choice(
        "vertex_indices",
        "List of corners",
        "How a PLY header that is shown in another variant names the corners of the faces. Both names are in use.",
        ("vertex_indices", "vertex_index"),
        group="File",
        advanced=True,
    )
    first_line: int = integer(
        1,
        "First line",
        "Where the shown content begins: a line of text, or a row of a binary body.",
        minimum=1,
        maximum=100_000_000,
        log=True,
        group="Content",
    )
    vertex: int = integer(
        0,
        "Vertex",
        "The vertex that is marked in the picture and in the content, counted from 0; -1 is none. Click one.",
        minimum=-1,
        maximum=100_000_000,
        group="Content",
    )


INSPECTOR = StudyActivity(
    key="inspector",
    title="File inspector",
    summary="What is in a PLY or OBJ file: header, elements and every line with its meaning.",
    params=InspectorParams,
    study="lab.inspector.study:Inspector",
    lesson="inspector.md",
    panes=(
        (
            Pane("view", "Geometry", "view", "What reading it gives. Click a vertex to find its line.", pick="vertex"),
            Pane("elements", "Elements", "table", "What the file is made of, its bytes and its use."),
            Pane("about", "Header and findings", "text", "The header, what reading keeps and drops, and what is odd."),
        ),
        (
            Pane("content", "Content", "table", "The lines of the file, or the rows of its binary body, explained."),
            Pane("materials", "Materials", "table", "The materials of the file's lists, with all that they say."),
        ),
    ),
    presets=(
        Preset("The file as it is", "Byte for byte what is on the disk.", {}),
        Preset("As text", "Every number can be read: ASCII PLY.", {"show_as": PLY_ASCII}),
        Preset("Lowest byte first", "Binary PLY as most programs write it.", {"show_as": PLY_LITTLE}),
        Preset("Highest byte first", "The same bytes of each number in the other order.", {"show_as": PLY_BIG}),
        Preset("As OBJ", "One statement a line; faces count from 1.", {"show_as": OBJ}),
        Preset(
            "The other spelling",
            "float32 in place of float, vertex_index in place of vertex_indices: the same file to a good reader.",
            {"show_as": PLY_ASCII, "spelling": "new", "face_list": "vertex_index"},
        ),
    ),
    example={"file": "spot.ply"},
    figures={
        "File size": "Bytes of the file on the disk.",
        "Shown size": "Bytes of the content that is shown.",
        "As ": "Bytes that the geometry takes in this format.",
        "Signed volume": "What the closed surface encloses; negative when its faces are wound inwards.",
        "Euler characteristic": "Vertices minus edges plus triangles: 2 for a closed surface without holes through it.",
        "Boundary edges": "Edges of a single face: where the surface is open.",
        "Non-manifold edges": "Edges of three or more faces.",
        "Parts": "Pieces of the surface that share no edge.",
        "Watertight": "Whether every edge has exactly two faces.",
    },
)
