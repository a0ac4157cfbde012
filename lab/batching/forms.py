"""The three forms of a batch of meshes, taken from PyTorch3D's own ``Meshes``, as numpy arrays.

Source: REFERENCE I.1; ``pytorch3d.structures.Meshes``. List: one tensor a mesh. Padded: one tensor for all, with room
for the largest; unused vertices are 0 and unused faces -1. Packed: all one after the other; the faces count through.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from pytorch3d.structures import Meshes, list_to_padded, packed_to_list

from lab.scene import Array, Mesh

BYTES_OF_INDEX = 8
"""PyTorch3D's indices are int64."""


@dataclass(frozen=True)
class Memory:
    """Bytes of a form: of its vertices (float32), its faces (int64) and the index vectors that it cannot do without."""

    verts: int
    faces: int
    index: int

    @property
    def total(self) -> int:
        return self.verts + self.faces + self.index


class Forms:
    """A batch of N meshes with V vertices and F faces in all, and E edges.

    All arrays are int64 but for the coordinates, float32. Raises ValueError for no meshes or one without faces.
    """

    def __init__(self, meshes: Sequence[Mesh]) -> None:
        if not meshes:
            raise ValueError("meshes: expected at least one")
        if not all(len(mesh.verts) and len(mesh.faces) for mesh in meshes):
            raise ValueError("meshes: expected vertices and faces in each of them")
        self.meshes = Meshes(
            verts=[torch.tensor(mesh.verts) for mesh in meshes],
            faces=[torch.tensor(mesh.faces, dtype=torch.int64) for mesh in meshes],
        )

    def __len__(self) -> int:
        return len(self.meshes)

    # --- list -----------------------------------------------------------------------------------------------------

    @cached_property
    def verts_list(self) -> list[Array]:
        """N arrays (V_n, 3)."""
        return [tensor.numpy() for tensor in self.meshes.verts_list()]

    @cached_property
    def faces_list(self) -> list[Array]:
        """N arrays (F_n, 3): indices into the vertices of the same mesh."""
        return [tensor.numpy() for tensor in self.meshes.faces_list()]

    # --- padded ---------------------------------------------------------------------------------------------------

    @cached_property
    def verts_padded(self) -> Array:
        """(N, max V_n, 3), 0 where there is no vertex."""
        return self.meshes.verts_padded().numpy()

    @cached_property
    def faces_padded(self) -> Array:
        """(N, max F_n, 3), -1 where there is no face; otherwise as in the list."""
        return self.meshes.faces_padded().numpy()

    @cached_property
    def padded_to_packed(self) -> Array:
        """(V,): where each packed vertex stands in the padded form, flattened to (N max V_n, 3)."""
        return self.meshes.verts_padded_to_packed_idx().numpy()

    # --- packed ---------------------------------------------------------------------------------------------------

    @cached_property
    def verts_packed(self) -> Array:
        """(V, 3)."""
        return self.meshes.verts_packed().numpy()

    @cached_property
    def faces_packed(self) -> Array:
        """(F, 3): indices into ``verts_packed``."""
        return self.meshes.faces_packed().numpy()

    @cached_property
    def verts_to_mesh(self) -> Array:
        """(V,): the mesh of each packed vertex."""
        return self.meshes.verts_packed_to_mesh_idx().numpy()

    @cached_property
    def faces_to_mesh(self) -> Array:
        """(F,): the mesh of each packed face."""
        return self.meshes.faces_packed_to_mesh_idx().numpy()

    @cached_property
    def verts_first(self) -> Array:
        """(N,): the packed row of each mesh's first vertex."""
        return self.meshes.mesh_to_verts_packed_first_idx().numpy()

    @cached_property
    def faces_first(self) -> Array:
        """(N,): the packed row of each mesh's first face."""
        return self.meshes.mesh_to_faces_packed_first_idx().numpy()

    @cached_property
    def verts_count(self) -> Array:
        """(N,): V_n."""
        return self.meshes.num_verts_per_mesh().numpy()

    @cached_property
    def faces_count(self) -> Array:
        """(N,): F_n."""
        return self.meshes.num_faces_per_mesh().numpy()

    # --- edges: PyTorch3D finds them when they are first asked for, in the packed form only ------------------------

    @property
    def edges_are_known(self) -> bool:
        """Whether the edges were asked for before; the first time takes a while for a large batch."""
        return "edges_count" in vars(self)

    @cached_property
    def edges_packed(self) -> Array:
        """(E, 2): indices into ``verts_packed``, the lower first; each undirected edge once."""
        return self.meshes.edges_packed().numpy()

    @cached_property
    def edges_to_mesh(self) -> Array:
        """(E,): the mesh of each packed edge."""
        return self.meshes.edges_packed_to_mesh_idx().numpy()

    @cached_property
    def edges_first(self) -> Array:
        """(N,): the packed row of each mesh's first edge."""
        self.meshes.edges_packed()
        return self.meshes.mesh_to_edges_packed_first_idx().numpy()

    @cached_property
    def edges_count(self) -> Array:
        """(N,): E_n."""
        self.meshes.edges_packed()
        return self.meshes.num_edges_per_mesh().numpy()

    @cached_property
    def edges_list(self) -> list[Array]:
        """N arrays (E_n, 2), as ``packed_to_list`` cuts them; indices into the vertices of the same mesh."""
        parts = packed_to_list(self.meshes.edges_packed(), self.edges_count.tolist())
        return [part.numpy() - first for part, first in zip(parts, self.verts_first, strict=True)]

    @cached_property
    def edges_padded(self) -> Array:
        """(N, max E_n, 2), -1 where there is no edge; otherwise as in the list."""
        return list_to_padded([torch.from_numpy(edges) for edges in self.edges_list], pad_value=-1).numpy()

    # --- what they cost, and whether they hold the same -------------------------------------------------------------

    @cached_property
    def memory(self) -> dict[str, Memory]:
        """Bytes by form. A padded batch needs the true counts beside it, a packed one its index vectors."""
        count, index = len(self), self.verts_to_mesh.nbytes + self.faces_to_mesh.nbytes
        return {
            "list": Memory(_bytes(self.verts_list), _bytes(self.faces_list), 0),
            "padded": Memory(self.verts_padded.nbytes, self.faces_padded.nbytes, 2 * count * BYTES_OF_INDEX),
            "packed": Memory(self.verts_packed.nbytes, self.faces_packed.nbytes, index + 2 * count * BYTES_OF_INDEX),
        }

    @cached_property
    def round_trip_is_exact(self) -> bool:
        """Whether packed -> padded -> list gives the very same numbers, by PyTorch3D's own conversions."""
        counts = self.verts_count.tolist()
        again = list_to_padded(packed_to_list(self.meshes.verts_packed(), counts))
        same = torch.equal(again, self.meshes.verts_padded())
        cut = zip(again, counts, self.meshes.verts_list(), strict=True)
        return same and all(torch.equal(rows[:count], verts) for rows, count, verts in cut)


def _bytes(arrays: Sequence[Array]) -> int:
    return sum(array.nbytes for array in arrays)
