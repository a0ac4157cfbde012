"""The lines of PyTorch3D that give what a table of a batch shows."""

from __future__ import annotations

from collections.abc import Sequence

from lab.batching.forms import Forms

_SHOWN_SIZES = 4


def code_text(forms: Forms, names: Sequence[str], form: str, what: str) -> str:
    """Python that builds the batch and asks for the rows, with the shapes that come out."""
    shown = ", ".join(names[:_SHOWN_SIZES]) + (", ..." if len(names) > _SHOWN_SIZES else "")
    lines = [
        "from pytorch3d.structures import Meshes, list_to_padded, packed_to_list",
        "",
        f"# verts, faces: lists of {len(forms)} tensors ({shown})",
        "meshes = Meshes(verts=verts, faces=faces)",
    ]
    return "\n".join([*lines, *_lines(forms, form, what)])


def _lines(forms: Forms, form: str, what: str) -> list[str]:
    if what == "index vectors":
        return {
            "list": ["meshes.num_verts_per_mesh()" + _is(tuple(forms.verts_count.tolist()))],
            "padded": [f"meshes.verts_padded_to_packed_idx(){_is(forms.padded_to_packed.shape)}"],
            "packed": [
                f"meshes.verts_packed_to_mesh_idx(){_is(forms.verts_to_mesh.shape)}",
                f"meshes.mesh_to_verts_packed_first_idx(){_is(tuple(forms.verts_first.tolist()))}",
                f"meshes.mesh_to_faces_packed_first_idx(){_is(tuple(forms.faces_first.tolist()))}",
            ],
        }[form]
    if what == "edges":
        return _edge_lines(forms, form)
    short = "verts" if what == "vertices" else "faces"
    if form == "list":
        sizes = [len(part) for part in getattr(forms, f"{short}_list")]
        return [f"meshes.{short}_list(){_is(_short(sizes))}"]
    return [f"meshes.{short}_{form}(){_is(getattr(forms, f'{short}_{form}').shape)}"]


def _edge_lines(forms: Forms, form: str) -> list[str]:
    """PyTorch3D keeps edges in the packed form only; the others are made from it."""
    lines = [f"edges = meshes.edges_packed(){_is(forms.edges_packed.shape)}"]
    if form == "packed":
        return lines
    lines += [
        "parts = packed_to_list(edges, meshes.num_edges_per_mesh().tolist())",
        "first = meshes.mesh_to_verts_packed_first_idx()",
        f"edges_list = [part - f for part, f in zip(parts, first)]{_is(_short([len(e) for e in forms.edges_list]))}",
    ]
    if form == "padded":
        lines.append(f"list_to_padded(edges_list, pad_value=-1){_is(forms.edges_padded.shape)}")
    return lines


def _short(sizes: Sequence[int]) -> str:
    rest = ", ..." if len(sizes) > _SHOWN_SIZES else ""
    return "rows " + ", ".join(str(size) for size in sizes[:_SHOWN_SIZES]) + rest


def _is(shape: object) -> str:
    return f"  # {shape}"
