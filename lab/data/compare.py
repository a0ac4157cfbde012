"""What was lost between an object and what it was turned into."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lab.fitting.neighbours import PointTree
from lab.fitting.sampling import SurfaceSampler, face_normals
from lab.fitting.surface import SurfaceTree
from lab.kernels.crew import Crew
from lab.scene import Array, Geometry, Mesh

SAMPLES = 20_000


@dataclass(frozen=True, eq=False)
class Loss:
    """Distances between two shapes, metres, by samples of either: to_original (n,) and to_result (m,) float32.

    normal_error_deg: the mean angle between the normals at nearest samples, both ways, whichever way they point, in
    degrees; None where one of the shapes has no normals.
    """

    to_original: Array
    to_result: Array
    normal_error_deg: float | None = None

    @property
    def chamfer(self) -> float:
        """The sum of both mean squared distances, square metres (PyTorch3D's Chamfer distance)."""
        squared = (np.mean(np.square(part, dtype=np.float64)) for part in (self.to_original, self.to_result))
        return float(sum(squared))

    @property
    def mean(self) -> float:
        """The mean of both directions' mean distances, metres."""
        return 0.5 * float(self.to_original.mean(dtype=np.float64) + self.to_result.mean(dtype=np.float64))

    @property
    def largest(self) -> float:
        """The largest distance of any sample of one from the other (Hausdorff), metres."""
        return float(max(self.to_original.max(), self.to_result.max()))


class Reference:
    """A shape to which distances are asked for: exact to the faces of a mesh, to the nearest point of a cloud.

    Raises ValueError for a shape without points, or a mesh whose faces have no area.
    """

    def __init__(self, shape: Geometry, rng: np.random.Generator, crew: Crew | None = None) -> None:
        self._crew = crew
        self._points = np.ascontiguousarray(shape.verts)
        self._surface: SurfaceTree | None = None
        self.normals: Array | None = shape.normals
        if isinstance(shape, Mesh) and len(shape.faces):
            samples = SurfaceSampler(shape.verts, shape.faces).draw(SAMPLES, rng)
            self._points = samples.points(shape.verts, shape.faces)
            self.normals = face_normals(shape.verts, shape.faces)[samples.face_ids]
            self._surface = SurfaceTree(shape.verts, shape.faces)
        self._tree = PointTree(self._points)
        self._choice = rng.permutation(len(self._points))[:SAMPLES]

    @property
    def samples(self) -> tuple[Array, Array | None]:
        """At most 20,000 points of the shape (n, 3), and their normals."""
        return self._points[self._choice], None if self.normals is None else self.normals[self._choice]

    def distances(self, points: Array) -> Array:
        """The distance (N,) float32 of ``points`` (N, 3) to the shape, metres."""
        if self._surface is not None:
            return self._surface.distances(np.ascontiguousarray(points), self._crew)
        _, squared = self._tree.query(points, crew=self._crew)
        return np.sqrt(squared)

    def angles(self, points: Array, normals: Array) -> Array:
        """The angle (N,), radians, 0 to half pi, of ``normals`` with those at the nearest samples of the shape."""
        assert self.normals is not None
        nearest, _ = self._tree.query(points, crew=self._crew)
        cosine = np.abs(np.einsum("ij,ij->i", self.normals[nearest], normals, dtype=np.float64))
        return np.arccos(np.minimum(cosine, 1.0))


def lost(original: Reference, result: Reference) -> Loss:
    """Compare two shapes, by samples of either."""
    (from_original, original_normals), (from_result, result_normals) = original.samples, result.samples
    to_original, to_result = original.distances(from_result), result.distances(from_original)
    if original_normals is None or result_normals is None:
        return Loss(to_original, to_result)
    angles = original.angles(from_result, result_normals), result.angles(from_original, original_normals)
    return Loss(to_original, to_result, float(np.degrees(0.5 * (angles[0].mean() + angles[1].mean()))))


def share_within(distances: Array, points: int = 101) -> tuple[Array, Array]:
    """A curve: distances from 0 to the largest (points,), and which share of the samples is as near, percent."""
    ordered = np.sort(distances)
    at = np.linspace(0.0, float(ordered[-1]), points)
    return at, 100.0 * np.searchsorted(ordered, at, side="right") / len(ordered)
