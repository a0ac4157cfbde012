"""Workspaces: everything that is open in the lab, in one file, a ``.dl3dw`` archive (see lab.archive)."""

from __future__ import annotations

import dataclasses
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lab.archive import ArchiveKind, NotUnderstood, Pack, Progress, check_entity, load_archive, of_kind, save_archive
from lab.chapter import activities
from lab.params import ParamError, declared
from lab.render import colormaps
from lab.render.camera import Camera
from lab.render.messages import Style
from lab.run.recorder import Recording
from lab.run.recording_file import pack_recording, unpack_recording
from lab.scene import Array, Entity

SUFFIX = ".dl3dw"


class WorkspaceError(Exception):
    """A workspace cannot be saved or opened; the message names the file, the cause and what to do."""


KIND = ArchiveKind("dl3d-workspace", 1, "workspace", SUFFIX, WorkspaceError)


@dataclass(frozen=True)
class Item:
    """An object of the person's own in the scene. source: the file that it came from, None for none."""

    path: str
    entity: Entity
    style: Style
    source: str | None = None


@dataclass(frozen=True)
class KeptRun:
    """A run, and how its objects are drawn: path in its snapshots -> style."""

    recording: Recording
    styles: Mapping[str, Style] = field(default_factory=dict)


@dataclass(frozen=True)
class Workspace:
    """What was open. A workspace of another version of the lab may lack parts: those then stay as they are.

    items: the scene without the runs' own objects. selected: a path or None. activity: the key of the open one.
    values: by activity, its parameters. cameras: by viewport. looks: how the view is drawn (View's words and switches).
    layout: bytes of the window's docks, as of Qt; settings: seed, device and the like, plain values.
    """

    items: tuple[Item, ...] = ()
    selected: str | None = None
    activity: str = ""
    values: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    cameras: Mapping[str, Camera] = field(default_factory=dict)
    looks: Mapping[str, Any] = field(default_factory=dict)
    layout: bytes = b""
    settings: Mapping[str, Any] = field(default_factory=dict)
    runs: tuple[KeptRun, ...] = ()

    @property
    def nbytes(self) -> int:
        """Bytes held by the arrays of the scene and the runs."""
        kept = {id(array): array.nbytes for item in self.items for array in item.entity.arrays()}
        return sum(kept.values()) + sum(run.recording.nbytes for run in self.runs)


def save(path: str | os.PathLike[str], workspace: Workspace, *, progress: Progress | None = None) -> None:
    """Write a workspace; an older file of that name is replaced only by a complete new one. Raises WorkspaceError."""

    def content(packed: Pack) -> dict[str, Any]:
        done = 0
        count = max(1, len(workspace.items) + len(workspace.runs))

        def told(part: Any) -> Any:
            nonlocal done
            done += 1
            if progress is not None:
                progress(done / count, "Writing the workspace")
            return part

        return {
            "items": [
                told(packed(vars(item) | {"style": dataclasses.asdict(item.style)}, item.path))
                for item in workspace.items
            ],
            "selected": workspace.selected,
            "activity": workspace.activity,
            "values": packed({key: dict(values) for key, values in workspace.values.items()}, "values"),
            "cameras": packed({key: dataclasses.asdict(one) for key, one in workspace.cameras.items()}, "cameras"),
            "looks": packed(dict(workspace.looks), "looks"),
            "layout": packed(workspace.layout, "layout"),
            "settings": packed(dict(workspace.settings), "settings"),
            "runs": [
                told(
                    {
                        "recording": pack_recording(run.recording, packed),
                        "styles": packed({name: dataclasses.asdict(s) for name, s in run.styles.items()}, "styles"),
                    }
                )
                for run in workspace.runs
            ],
        }

    save_archive(path, KIND, content)


def load(path: str | os.PathLike[str], *, progress: Progress | None = None) -> Workspace:
    """Open a workspace. Its arrays are read-only. Raises WorkspaceError."""
    return load_archive(path, KIND, _workspace, progress)


# --- understanding a file -------------------------------------------------------------------------------------------


def _workspace(parts: dict[str, Any]) -> Workspace:
    items = tuple(_item(of_kind(dict, one, "scene")) for one in of_kind(list, parts["items"], "scene"))
    if len({item.path for item in items}) < len(items):
        raise NotUnderstood("two objects in it have the same name")
    cameras = of_kind(dict, parts["cameras"], "cameras")
    runs = of_kind(list, parts["runs"], "runs")
    return Workspace(
        items=items,
        selected=of_kind(str | None, parts["selected"], "selection"),
        activity=of_kind(str, parts["activity"], "activity"),
        values={
            key: _values(of_kind(str, key, "values"), of_kind(dict, values, "values"))
            for key, values in of_kind(dict, parts["values"], "values").items()
        },
        cameras={of_kind(str, key, "cameras"): _camera(of_kind(dict, one, "camera")) for key, one in cameras.items()},
        looks=_plain(of_kind(dict, parts["looks"], "looks")),
        layout=of_kind(bytes, parts["layout"], "layout"),
        settings=_plain(of_kind(dict, parts["settings"], "settings")),
        runs=tuple(_run(of_kind(dict, one, "run")) for one in runs),
    )


def _item(parts: dict[str, Any]) -> Item:
    entity = parts["entity"]
    check_entity(entity)
    for array in entity.arrays():
        _check_numbers(array)
    path = of_kind(str, parts["path"], "scene")
    if not path or len(path) > 400 or "\n" in path or "\0" in path:
        raise NotUnderstood("the name of an object in it makes no sense")
    return Item(path, entity, _style(parts["style"]), of_kind(str | None, parts["source"], "scene"))


def _check_numbers(array: Array) -> None:
    if array.dtype.kind not in "fiub":
        raise NotUnderstood(f"an object in it has an array of {array.dtype}")


def _style(parts: Any) -> Style:
    style = Style(**of_kind(dict, parts, "style"))
    for flag in (style.visible, style.wireframe):
        of_kind(bool, flag, "style")
    for number in (style.opacity, style.point_size, *(() if style.arrow_scale is None else (style.arrow_scale,))):
        _number(number)
    if style.scalar_range is not None:
        _numbers(style.scalar_range, 2)
    if style.color is not None:
        _numbers(style.color, 3)
    for color in of_kind(dict, style.arrows, "style").values():
        _numbers(color, 3)
    of_kind(str | None, style.scalar, "style")
    if style.colormap not in colormaps.NAMES:
        raise NotUnderstood(f"it has an unknown colour map {style.colormap!r}")
    return style


def _camera(parts: dict[str, Any]) -> Camera:
    camera = Camera(**parts)
    _numbers(camera.pivot, 3)
    _numbers(camera.rotation, 4)
    norm = math.sqrt(sum(part * part for part in camera.rotation))
    if not math.isclose(norm, 1.0, abs_tol=1e-3) or not _number(camera.distance) > 0:
        raise NotUnderstood("a camera in it makes no sense")
    if not 0 < _number(camera.fov_deg) < 180:
        raise NotUnderstood("a camera in it makes no sense")
    of_kind(bool, camera.orthographic, "camera")
    return camera


def _values(key: str, values: dict[str, Any]) -> dict[str, Any]:
    """The values that this version of the lab knows and allows; the others are left to their defaults."""
    activity = activities().get(key)
    if activity is None:
        return _plain(values)
    known = {param.name: param for param in declared(activity.params)}
    kept = {}
    for name, value in values.items():
        if name in known:
            try:
                kept[name] = known[name].check(value)
            except (ParamError, TypeError):
                continue
    return kept


def _run(parts: dict[str, Any]) -> KeptRun:
    styles = of_kind(dict, parts["styles"], "run")
    recording = unpack_recording(of_kind(dict, parts["recording"], "run"))
    return KeptRun(recording, {of_kind(str, name, "run"): _style(style) for name, style in styles.items()})


def _plain(values: dict[Any, Any]) -> dict[str, Any]:
    for key, value in values.items():
        of_kind(str, key, "settings")
        of_kind(str | bool | int | float | tuple | None, value, "settings")
    return values


def _number(value: Any) -> float:
    of_kind(int | float, value, "scene")
    if not math.isfinite(value):
        raise NotUnderstood("a number in it is not finite")
    return float(value)


def _numbers(values: Any, count: int) -> None:
    if len(of_kind(tuple | list | np.ndarray, values, "scene")) != count:
        raise NotUnderstood(f"{count} numbers were expected in it, {len(values)} found")
    for value in values:
        _number(value)
