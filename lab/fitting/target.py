"""The target of a fit in the normalised frame: its points for the loss, and distances to it for the display."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lab.experiment import ExperimentError
from lab.fitting.chamfer import TargetPoints
from lab.fitting.neighbours import PointTree
from lab.fitting.sampling import Samples, SurfaceSampler, face_normals
from lab.fitting.surface import SurfaceTree
from lab.kernels.crew import Crew
from lab.scene import Array, Geometry, Mesh

FEWEST_POINTS = 4


@dataclass(frozen=True, eq=False)
class Frame:
    """The normalised frame, (own - centre) / scale. centre: (3,) float64; both in the target's units."""

    centre: Array
    scale: float

    def normalise(self, verts: Array, shift: Array | float = 0.0) -> Array:
        """Own coordinates, moved by ``shift`` first, in the normalised frame; (N, 3) float32."""
        return ((verts.astype(np.float64) + shift - self.centre) / self.scale).astype(np.float32)

    def restore(self, verts: Array) -> Array:
        """Normalised coordinates in the target's own; (N, 3) float32."""
        return (verts * self.scale + self.centre).astype(np.float32)


def normalising_frame(verts: Array) -> Frame:
    """Centred at the mean of the vertices, the largest |coordinate| is then 1, as in the course.

    Raises ExperimentError when there are too few vertices, one is not finite, or all are in one place.
    """
    if len(verts) < FEWEST_POINTS:
        raise ExperimentError(
            f"The target has {len(verts)} points, and a fit needs at least {FEWEST_POINTS}. Choose another target."
        )
    own = verts.astype(np.float64)
    if not np.isfinite(own).all():
        raise ExperimentError("The target has coordinates that are not finite numbers. Remove those points first.")
    centre = own.mean(axis=0)
    scale = float(np.abs(own - centre).max())
    if not scale > 0.0:
        raise ExperimentError("All points of the target are in the same place. Choose another target.")
    return Frame(centre, scale)


class Target:
    """What is fitted: a point cloud or a mesh.

    frame: between its own coordinates and the normalised ones. verts (V, 3) float32, normalised; faces (F, 3) int32
    or None for a cloud; normals (V, 3) float32 or None, of a cloud only. Raises ExperimentError as normalising_frame.
    """

    def __init__(self, geometry: Geometry) -> None:
        self.geometry = geometry
        self.frame = normalising_frame(geometry.verts)
        self.verts = self.frame.normalise(geometry.verts)
        self.faces: Array | None = None
        self.normals: Array | None = None
        self.sampler: SurfaceSampler | None = None
        if isinstance(geometry, Mesh) and len(geometry.faces):
            self.faces = geometry.faces
            try:
                self.sampler = SurfaceSampler(self.verts, geometry.faces)
            except ValueError:
                raise ExperimentError(
                    "The faces of the target mesh have no area, so it has no surface to fit. Choose another target."
                ) from None
        else:
            self.normals = geometry.normals

    @property
    def is_cloud(self) -> bool:
        return self.faces is None

    @property
    def has_normals(self) -> bool:
        """Whether the normal term of the Chamfer distance can be computed."""
        return self.faces is not None or self.normals is not None

    @cached_property
    def _whole_cloud(self) -> TargetPoints:
        return TargetPoints(PointTree(self.verts), self.normals)

    def pick(self, count: int, rng: np.random.Generator) -> Samples | Array | None:
        """A random choice of points of the target, to be made up by ``points``: ``count`` new samples of a mesh,
        ``count`` random points of a larger cloud, or None: the whole of a smaller one."""
        if self.sampler is not None:
            return self.sampler.draw(count, rng)
        if len(self.verts) <= count:
            return None
        return rng.integers(0, len(self.verts), count)

    def points(self, choice: Samples | Array | None) -> tuple[Array, Array | None]:
        """The chosen points (m, 3) float32 and their normals (m, 3) or None."""
        if isinstance(choice, Samples):
            assert self.faces is not None
            return choice.points(self.verts, self.faces), self._face_normals.take(choice.face_ids, axis=0)
        if choice is None:
            return self.verts, self.normals
        return self.verts[choice], None if self.normals is None else self.normals[choice]

    def tree(self, choice: Samples | Array | None) -> TargetPoints:
        """The chosen points with their tree; that of the whole cloud is built once."""
        if choice is None:
            return self._whole_cloud
        points, normals = self.points(choice)
        return TargetPoints(PointTree(points), normals)

    @cached_property
    def _face_normals(self) -> Array:
        assert self.faces is not None
        return face_normals(self.verts, self.faces)

    @cached_property
    def _surface(self) -> SurfaceTree:
        assert self.faces is not None
        return SurfaceTree(self.verts, self.faces)

    def distances(self, verts: Array, crew: Crew | None = None) -> Array:
        """Distance (N,) float32 of normalised ``verts`` (N, 3) to the target, in the target's own units.

        To a cloud: to its nearest point. To a mesh: to its nearest face, exactly.
        """
        if self.faces is None:
            distances = np.sqrt(self._whole_cloud.tree.query(verts, crew=crew)[1])
        else:
            distances = self._surface.distances(verts, crew)
        return distances * np.float32(self.frame.scale)
