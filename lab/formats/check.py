"""From what a file says to an entity that the lab can trust: finite, in range, in single precision near zero."""

from __future__ import annotations

import math

import numpy as np

from lab import geometry
from lab.formats.base import Loaded, Raw, Source, plural, readable
from lab.geometry import Stats
from lab.scene import Array, Mesh, Points

_LARGEST = 1e30  # squares of larger coordinates overflow in single precision
_FAR = 100.0  # farther from zero than this many extents, single precision would cost visible detail
_FINE = 1e-4  # of a scalar field's range: what single precision may round away without a word
_MOST = 2**31 - 1
_MOST_WARNINGS = 20


def finish(raw: Raw, source: Source) -> tuple[Loaded, Stats]:
    """The entity of ``raw`` with its warnings. Raises FormatError where there is nothing to go on with."""
    if len(raw.verts) == 0:
        raise source.error("", "it holds no points", "Export it again from the program that made it")
    if max(len(raw.verts), 0 if raw.faces is None else len(raw.faces)) > _MOST:
        raise source.error("", "it holds more than 2,147,483,647 points or faces", "Thin it out first")
    _check_indices(raw, source)
    _drop_bad_vertices(raw, source)
    _drop_bad_faces(raw, source)
    source.progress(0.85, "Checking")
    entity = _entity(raw, source)
    source.progress(0.9, "Measuring")
    figures = geometry.stats(entity)
    if isinstance(entity, Mesh):
        _warn_about_surface(entity, figures, source)
    source.progress(1.0, "Done")
    dropped = tuple(dict.fromkeys(map(readable, raw.dropped)))
    return Loaded(entity, source.path.stem, _first_few(source.warnings), dropped, raw.up), figures


def _first_few(warnings: list[str]) -> tuple[str, ...]:
    """The warnings, each once, and no more than a person reads."""
    distinct = list(dict.fromkeys(warnings))
    if len(distinct) <= _MOST_WARNINGS:
        return tuple(distinct)
    return (*distinct[:_MOST_WARNINGS], f"There are {len(distinct) - _MOST_WARNINGS:,} more warnings like these.")


def _check_indices(raw: Raw, source: Source) -> None:
    if raw.faces is None or not len(raw.faces):
        return
    count = len(raw.verts)
    if raw.faces.min() >= 0 and raw.faces.max() < count:
        return
    face, corner = np.argwhere((raw.faces < 0) | (raw.faces >= count))[0]
    index = int(raw.faces[face, corner])
    raise source.error(
        raw.name_face(int(face)),
        f"it uses vertex {index:,} (counted from 0), but there are only {plural(count, 'vertex')}",
        "The file is damaged or cut off; get it again, or export it again from the program that made it",
    )


def _drop_bad_vertices(raw: Raw, source: Source) -> None:
    """Leave out vertices that are not finite, and the faces that use them."""
    if raw.verts.min() >= -_LARGEST and raw.verts.max() <= _LARGEST:  # false for NaN, too
        return
    good = np.asarray((np.abs(raw.verts) <= _LARGEST).all(axis=1))
    bad = len(good) - int(np.count_nonzero(good))
    what = "NaN, infinite or beyond 1e30"
    if bad == len(good):
        raise source.error(
            "",
            f"its only point is {what}" if bad == 1 else f"all of its {plural(bad, 'point')} are {what}",
            "Export it again from the program that made it",
        )
    first = raw.name_vertex(int(np.argmin(good)))
    text = f"Left out {plural(bad, 'point')} with coordinates that are {what} (the first: {first})"
    if raw.faces is not None:
        whole = np.asarray(good[raw.faces].all(axis=1))
        gone = len(whole) - int(np.count_nonzero(whole))
        text += f", and {plural(gone, 'face')} that used them" if gone else ""
        _keep_faces(raw, whole)
        raw.faces = (np.cumsum(good) - 1)[raw.faces]
    source.warn(text + ".")
    raw.verts = raw.verts[good]
    raw.normals = None if raw.normals is None else raw.normals[good]
    raw.colors = None if raw.colors is None else raw.colors[good]
    raw.scalars = {name: values[good] for name, values in raw.scalars.items()}


def _drop_bad_faces(raw: Raw, source: Source) -> None:
    """Leave out faces that use a vertex twice: they have no surface and break every table of edges."""
    if raw.faces is None or not len(raw.faces):
        return
    a, b, c = raw.faces.T
    whole = (a != b) & (b != c) & (c != a)
    if not whole.all():
        first = raw.name_face(int(np.argmin(whole)))
        bad = len(whole) - int(np.count_nonzero(whole))
        source.warn(f"Left out {plural(bad, 'face')} that used one vertex twice (the first: {first}).")
        _keep_faces(raw, whole)
    if not len(raw.faces):
        source.warn("No face was left, so the vertices are shown as points.")


def _keep_faces(raw: Raw, keep: Array) -> None:
    assert raw.faces is not None
    raw.faces = raw.faces[keep]
    raw.uvs = None if raw.uvs is None else raw.uvs[keep]
    raw.face_materials = None if raw.face_materials is None else raw.face_materials[keep]


def _entity(raw: Raw, source: Source) -> Mesh | Points:
    origin, verts = _near_zero(raw, source)
    scalars = _finite_scalars(raw)
    normals = None if raw.normals is None else _unit_normals(raw, raw.normals.astype(np.float32), verts, source)
    uvs = None if raw.uvs is None else np.ascontiguousarray(raw.uvs, np.float32)
    if raw.faces is None or not len(raw.faces):
        return Points(verts, normals, raw.colors, scalars, origin=origin)
    if uvs is not None and not np.isfinite(uvs).all():
        source.warn("Left out the textures: not all texture coordinates are finite numbers.")
        uvs = None
    faces = raw.faces.astype(np.int32)
    return Mesh(verts, faces, normals, raw.colors, uvs, raw.face_materials, raw.materials, scalars, origin=origin)


def _near_zero(raw: Raw, source: Source) -> tuple[Array, Array]:
    """An origin (3,) float64 and the coordinates relative to it in single precision; zero when they are near zero."""
    lower, upper = geometry.extremes(raw.verts)
    extent = float((upper - lower).max())
    farthest = float(np.maximum(np.abs(lower), np.abs(upper)).max())
    if extent == 0.0 or farthest <= _FAR * extent:
        return np.zeros(3), np.ascontiguousarray(raw.verts, np.float32)
    # an origin of a few digits that a person can read, and that double precision can hold
    grain = 10.0 ** max(math.floor(math.log10(extent)) - 1, math.floor(math.log10(farthest)) - 14)
    origin = np.round((lower + upper) / 2 / grain) * grain
    numbers = ", ".join(f"{value:.10g}" for value in origin)
    source.warn(
        f"The coordinates are far from zero; they are kept relative to the origin ({numbers}) so that no detail is "
        "lost, and saved where they were."
    )
    return origin, (raw.verts - origin).astype(np.float32)


def _finite_scalars(raw: Raw) -> dict[str, Array]:
    kept = {}
    for name, values in raw.scalars.items():
        narrow = values.astype(np.float32)
        if not np.isfinite(narrow).all():
            raw.dropped.append(f"{name} (not all of its values are finite numbers)")
            continue
        kept[name] = narrow
        if values.dtype.itemsize > 2 and values.dtype != np.float32 and len(values):
            error = float(np.abs(narrow.astype(np.float64) - values).max())
            if error > _FINE * (float(values.max()) - float(values.min())):
                raw.dropped.append(f"last digits of {name} (up to {error:.2g})")
    return kept


def _unit_normals(raw: Raw, normals: Array, verts: Array, source: Source) -> Array:
    """Normals of length one. Those that are close enough stay bit for bit; missing ones come from the faces."""
    length = np.linalg.norm(normals.astype(np.float64), axis=1)
    good = np.isfinite(length) & (length > 1e-12)
    off = good & (np.abs(length - 1.0) > 1e-3)
    normals[off] = geometry.unit(normals[off].astype(np.float64))
    if good.all():
        return normals
    missing = plural(len(good) - int(np.count_nonzero(good)), "normal")
    if raw.faces is not None and len(raw.faces):
        normals[~good] = geometry.vertex_normals(verts, raw.faces)[~good]
        source.warn(f"Computed {missing} from the faces, because the file gives them no direction.")
    else:
        normals[~good] = 0.0
        source.warn(f"Left {missing} at zero, because the file gives them no direction.")
    return normals


def _warn_about_surface(mesh: Mesh, figures: Stats, source: Source) -> None:
    areas = geometry.face_areas(mesh.verts, mesh.faces)
    size = float((figures.bounds_upper - figures.bounds_lower).max())
    flat = int(np.count_nonzero(areas <= 1e-12 * size * size))
    if flat:
        source.warn(f"{plural(flat, 'face')} without area.")
    if figures.nonmanifold_edges:
        edges = plural(figures.nonmanifold_edges, "edge")
        source.warn(f"{edges} shared by three or more faces: the surface is not a manifold there.")
