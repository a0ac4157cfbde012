"""One model, full and light, from the source: all stages put together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lab.body.builder.correctives import Learned, learn
from lab.body.builder.landmarks import carried, landmarks
from lab.body.builder.regressor import regress
from lab.body.builder.shapes import Components, Crowd, components, gather
from lab.body.builder.skin import tidy, weights
from lab.body.builder.source import DECIMETRE, Source
from lab.body.builder.surface import Surface, between_legs, choose, fairing, tips
from lab.body.builder.thin import enlarged, thin
from lab.body.builder.tpose import Markers, markers
from lab.body.builder.words import Ruler, describe, effects
from lab.body.data import BodyData
from lab.body.skeleton import JOINTS, PARENTS
from lab.scene import Array

LIGHT = 6890  # vertices of the light model, about: as many as SMPL has
REGRESSED = 160  # people that the joints are learned from
RULED = 120  # people that are measured for the words


@dataclass(frozen=True)
class Effort:
    """How many people and poses are looked at; a test takes few."""

    people: int = 500
    unseen_people: int = 100
    poses: int = 600
    unseen_poses: int = 60


@dataclass(frozen=True, eq=False)
class Prepared:
    """What the models of all genders share. weights: (V, 24). base: (N, 3) metres, the base mesh with its helpers."""

    source: Source
    groups: dict[str, Any]
    surface: Surface
    weights: Array
    base: Array
    smooth: Any
    marks: Markers

    def people(self, gender: str, count: int, seed: int) -> Crowd:
        """Random adults in the rest pose. Raises SourceError."""
        return gather(self.source, self.surface, self.weights, self.marks, self.smooth, gender, count, seed)


@dataclass(frozen=True, eq=False)
class Built:
    """The two models of one gender, and what they were made of, for the report.

    unseen: people that nothing was learned from. effects: for each beta, measure -> change per standard deviation.
    """

    full: BodyData
    light: BodyData
    crowd: Crowd
    unseen: Crowd
    shapes: Components
    learned: Learned
    effects: list[dict[str, float]]


def prepare(source: Source) -> Prepared:
    """Read the base mesh and its skin. Raises SourceError."""
    mesh = source.mesh()
    groups = source.json("mesh_metadata/basemesh_vertex_groups.json")
    surface = choose(mesh)
    table = tidy(weights(source, len(mesh.verts))[surface.ids], surface.mirror)
    base = mesh.verts * DECIMETRE
    skin = base[surface.ids]
    smooth = fairing(surface.faces, tips(source, surface, len(base)) | between_legs(skin, surface), skin)
    return Prepared(source, groups, surface, table, base, smooth, markers(groups, surface, table, base))


def build(prepared: Prepared, gender: str, effort: Effort, tell: Callable[[str], None]) -> Built:
    """Build the models of one gender: "neutral", "female" or "male". Raises SourceError."""
    tell(f"{gender}: {effort.people} people")
    surface, table = prepared.surface, prepared.weights
    crowd = prepared.people(gender, effort.people, seed=1)
    shapes = components(crowd.verts)
    tell(f"{gender}: joints and words")
    regressor = regress(_first(crowd), surface.mirror)
    names, change = effects(
        Ruler(surface.faces, table),
        shapes.mean,
        shapes.directions,
        lambda verts: regressor @ verts,
        crowd.verts[:RULED],
    )
    words, signs = describe(names, change)
    tell(f"{gender}: pose correctives")
    learned = learn(
        shapes.mean,
        surface.faces,
        table,
        regressor @ shapes.mean,
        surface.mirror,
        poses=effort.poses,
        unseen=effort.unseen_poses,
        seed=3,
    )
    full = BodyData(
        name=f"{gender}_full",
        v_template=shapes.mean.astype(np.float32),
        faces=surface.faces,
        shapedirs=(shapes.directions * signs).astype(np.float32),
        posedirs=learned.posedirs,
        weights=table.astype(np.float32),
        J_regressor=regressor,
        parents=np.array(PARENTS),
        joint_names=JOINTS,
        gender=gender,
        uvs=surface.uvs[surface.uv_faces].astype(np.float32),
        beta_words=words,
        symmetry=surface.mirror,
        landmarks=landmarks(shapes.mean, table, surface, prepared.base, prepared.groups),
    )
    tell(f"{gender}: the light mesh")
    told = [dict(zip(names, row, strict=True)) for row in (change * signs[:, None]).tolist()]
    unseen = prepared.people(gender, effort.unseen_people, seed=2)
    return Built(full, lighten(full, surface, _first(crowd)), crowd, unseen, shapes, learned, told)


def lighten(full: BodyData, surface: Surface, people: Crowd) -> BodyData:
    """The light model: everything carried over from the full one, the joint regressor solved anew for ``people``."""
    verts = full.v_template.astype(np.float64)
    small = thin(enlarged(verts, full.weights, full.J_regressor @ verts), surface, LIGHT)

    def carry(values: Array) -> Array:
        flat = small.carry @ values.reshape(len(values), -1).astype(np.float64)
        return flat.reshape(-1, *values.shape[1:]).astype(np.float32)

    posedirs = full.posedirs
    assert posedirs is not None
    light = carry(verts)
    crowd = Crowd(np.stack([carry(person) for person in people.verts]), people.joints)
    return replace(
        full,
        name=full.gender,
        v_template=light,
        faces=small.faces,
        shapedirs=carry(full.shapedirs),
        posedirs=carry(posedirs),
        weights=tidy(carry(full.weights), small.mirror).astype(np.float32),
        J_regressor=regress(crowd, small.mirror),
        uvs=small.uvs,
        symmetry=small.mirror,
        landmarks=carried(full.landmarks, full.v_template, light, small.mirror),
    )


def _first(crowd: Crowd) -> Crowd:
    return Crowd(crowd.verts[:REGRESSED], crowd.joints[:REGRESSED])
