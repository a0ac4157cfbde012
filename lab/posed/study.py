"""The study "Posed images": pictures made or opened, seen as cameras in the world, checked, boxed and saved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np

from lab.chapters.fields.images import FOUND
from lab.chapters.volumes.images import SAVE, ImagesParams
from lab.posed.checks import complaints, looking
from lab.posed.images import PosedError, PosedImages
from lab.posed.load import Up, load_images
from lab.posed.make import Background, Views, make_images
from lab.posed.objects import prepared
from lab.posed.paths import Path as CameraPath
from lab.posed.save import save_images
from lab.posed.scene_view import Drawn, drawn, rounded, shown_picture, world_view
from lab.scene import Array, Mesh
from lab.studies.kept import Kept
from lab.study import Board, Content, Data, Note, Picture, Result, StudyContext, StudyError, Table

_QUICK = 48  # pixels a side of the pictures while something moves
_SLOW = 150_000  # pixels in all, from which quick ones are worth it


class PosedStudy:
    """Keeps the pictures: those that were made, and those that were read."""

    def __init__(self) -> None:
        self._kept = Kept()

    def boards(self, params: ImagesParams, ctx: StudyContext) -> Iterator[Board]:
        """Coarse pictures first where many are made. Raises StudyError without a mesh or readable files."""
        try:
            yield from self._boards(params, ctx)
        except PosedError as error:
            raise StudyError(str(error)) from error

    def _boards(self, params: ImagesParams, ctx: StudyContext) -> Iterator[Board]:
        if params.data:
            images = self._opened(params, ctx)
            yield self._board(params, images, None, self._saved(params, images, ctx), ctx.changed)
            return
        mesh = ctx.geometry("object")
        if not isinstance(mesh, Mesh):
            raise StudyError("There is no mesh to take pictures of: choose one, or open pictures of your own.")
        views = views_of(params, ctx.seed)
        scene = self._kept.get("scene", (mesh, params.pattern), lambda: prepared(mesh, params.pattern))
        slow = views.count * views.size**2 > _SLOW and not self._kept.has("made", (scene, views))
        if slow and not ctx.action:
            coarse = replace(views, size=min(views.size, _QUICK), samples=1)
            quick = self._kept.get("quick", (scene, coarse), lambda: make_images(scene, coarse))
            yield self._board(params, quick, scene, [], ctx.changed, views.size)

        def report(fraction: float | None, text: str) -> None:
            ctx.checkpoint()
            ctx.report(fraction, text)

        images = self._kept.get("made", (scene, views), lambda: make_images(scene, views, report=report))
        yield self._board(params, images, scene, self._saved(params, images, ctx), ctx.changed)

    def _opened(self, params: ImagesParams, ctx: StudyContext) -> PosedImages:
        values = (params.data, params.every, params.max_size, params.most, params.file_masks, params.up, _when(params))

        def read() -> PosedImages:
            return load_images(
                params.data,
                every_held_out=params.every,
                max_size=params.max_size,
                most=params.most,
                masks=params.file_masks,
                up=cast(Up, params.up),
                report=ctx.report,
            )

        return self._kept.get("opened", values, read)

    def _saved(self, params: ImagesParams, images: PosedImages, ctx: StudyContext) -> list[Note]:
        """What became of the button "Save folder"."""
        if ctx.action != SAVE:
            return []
        if not params.save_to:
            return [Note("warning", "Nothing was saved: no folder is chosen.", "Choose one under 'Save into'.")]
        folder = _new_folder(Path(params.save_to).expanduser())
        save_images(_boxed(images, params), folder, report=ctx.report)
        return [Note("info", f"Saved {len(images)} pictures and transforms.json in '{folder}'.")]

    # --- the board --------------------------------------------------------------------------------------------------

    def _board(
        self,
        params: ImagesParams,
        images: PosedImages,
        scene: Mesh | None,
        notes: list[Note],
        changed: frozenset[str],
        stands_for: int = 0,
    ) -> Board:
        """changed: since the last question. stands_for: the size of pictures that coarse ones are shown in place of."""
        taken = _first_box(params, images, changed)
        params = replace(params, **taken)
        chosen = min(params.image, len(images) - 1)
        boxed = _boxed(images, params)
        sees = self._kept.get("sees", (images, boxed.lower.tobytes(), boxed.upper.tobytes()), lambda: looking(boxed))
        still = self._kept.get("drawn", (images,), lambda: drawn(images))
        picture = shown_picture(images, chosen)
        if stands_for:
            picture = replace(picture, stands_for=(stands_for, stands_for))
        panes: dict[str, Content] = {
            "world": world_view(params, boxed, still, scene, chosen),
            "picture": picture,
            "table": _table(boxed, sees, chosen),
        }
        size = f"{images.pixels.shape[2]} × {images.pixels.shape[1]}"
        return Board(
            panes,
            _figures(boxed, sees) if not stands_for else {},
            _results(boxed, still, picture) if not stands_for else {},
            (*notes, *_notes(images, boxed, params)),
            taken,
            {"image": (0.0, float(len(images) - 1))},
            f"{len(images)} pictures of {size}",
        )


def views_of(params: ImagesParams, seed: int = 0) -> Views:
    """How the pictures of a mesh are made. Raises PosedError for what cannot be."""
    return Views(
        count=params.count,
        held_out=params.held_out,
        size=params.size,
        path=cast(CameraPath, params.path),
        distance=params.distance,
        elevation=params.elevation,
        fov=params.fov,
        masks=params.masks,
        background=cast(Background, params.background),
        light=(params.light_x, params.light_y, params.light_z),
        ambient=params.ambient,
        diffuse=params.diffuse,
        specular=params.specular,
        shininess=params.shininess,
        pattern=params.pattern,
        noise=params.noise / 100.0,
        camera_noise=params.camera_noise,
        seed=seed,
    )


def _boxed(images: PosedImages, params: ImagesParams) -> PosedImages:
    """With the person's box, if they set one. Raises PosedError for one that is turned inside out."""
    if params.box == FOUND:
        return images
    return images.in_box(params.lower, params.upper)


def _first_box(params: ImagesParams, images: PosedImages, changed: frozenset[str]) -> dict[str, Any]:
    """A box of the person's own begins as the one that was found."""
    if params.box == FOUND or "box" not in changed or changed & {"lower", "upper"}:
        return {}
    return {"lower": rounded(images.lower), "upper": rounded(images.upper)}


def _when(params: ImagesParams) -> tuple[int, ...]:
    """Changes when the files do, so that they are read again."""
    path = Path(params.data).expanduser()
    inner = [
        path,
        *(path / name for name in ("transforms.json", "transforms_train.json", "sparse/0", "poses_bounds.npy")),
    ]
    return tuple(item.stat().st_mtime_ns for item in inner if item.exists())


def _new_folder(parent: Path) -> Path:
    """A folder that is not there yet: nothing is ever written over."""
    if not parent.is_dir():
        raise StudyError(f"Nothing was saved: there is no folder '{parent}'. Make it first, or choose another.")
    number = 1
    while (folder := parent / ("posed-images" if number == 1 else f"posed-images-{number}")).exists():
        number += 1
    return folder


def _table(images: PosedImages, sees: Array, chosen: int) -> Table:
    middle = (images.lower + images.upper) / 2
    distance = np.array([np.linalg.norm(camera.center - middle) for camera in images.cameras])
    angle = np.degrees([2 * np.arctan(camera.width / (2 * camera.fx)) for camera in images.cameras])
    width, height = images.pixels.shape[2], images.pixels.shape[1]
    return Table(
        ("Name", "Size", "Part", "Field of view, °", "Distance", "Sees the box"),
        (
            images.names,
            (f"{width} × {height}",) * len(images),
            tuple("held out" if held else "training" for held in images.held_out),
            angle,
            distance,
            tuple("yes" if one else "no" for one in sees),
        ),
        hues=np.where(images.held_out, 1, 0).astype(np.int32),
        digits=2,
        marked=chosen,
    )


def _figures(images: PosedImages, sees: Array) -> dict[str, float | str | bool]:
    held = int(images.held_out.sum())
    angles = np.degrees([2 * np.arctan(camera.width / (2 * camera.fx)) for camera in images.cameras])
    middle = (images.lower + images.upper) / 2
    distances = [float(np.linalg.norm(camera.center - middle)) for camera in images.cameras]
    sides = " × ".join(f"{side:.3g}" for side in images.upper - images.lower)
    figures: dict[str, float | str | bool] = {
        "Pictures": f"{len(images) - held} to train on, {held} held out",
        "Size": f"{images.pixels.shape[2]} × {images.pixels.shape[1]}",
        "Masks": images.alphas is not None,
        "Field of view": f"{angles.min():.1f}° to {angles.max():.1f}°",
        "Distance": f"{min(distances):.3g}, {np.median(distances):.3g}, {max(distances):.3g}",
        "Box": sides,
        "See the box": f"{int(sees.sum())} of {len(images)}",
    }
    if held:
        figures["All black"] = black_psnr(images)
    return figures


def black_psnr(images: PosedImages) -> float:
    """PSNR of black pictures against the held-out ones over black, dB. There must be some, and not all black."""
    total = 0.0
    judging = images.judging
    for number in range(len(judging)):
        picture = judging.pixels[number].astype(np.float64) / 255
        if judging.alphas is not None:
            picture *= judging.alphas[number][..., None] / 255
        total += float((picture**2).mean())
    return float(-10 * np.log10(max(total / len(judging), 1e-10)))


def _notes(images: PosedImages, boxed: PosedImages, params: ImagesParams) -> Iterator[Note]:
    """What is wrong, a note each; all that is only to be known in one."""
    before = complaints(images)
    said = [sentence for sentence in images.remarks if sentence not in before]  # of the box that was found
    lost = [sentence for sentence in said if sentence.startswith("Left out")]
    wrong = complaints(boxed)
    harmless = [sentence for sentence in wrong if "same place" in sentence]
    if not params.data and params.camera_noise > 0:
        harmless.append("The training cameras are told wrong on purpose; the held-out ones are right.")
    for sentence in (*lost, *(one for one in wrong if one not in harmless)):
        yield Note("warning", sentence)
    known = [*(sentence for sentence in said if sentence not in lost), *harmless]
    if known:
        yield Note("info", " ".join(known))


def _results(images: PosedImages, still: Drawn, picture: Picture) -> dict[str, Result]:
    results: dict[str, Result] = {"cameras": still.cameras, "picture": replace(picture, marks=())}
    if images.points is not None:
        results["points"] = images.points
    results["camera numbers"] = Data(
        {
            "c2w": np.stack([camera.c2w for camera in images.cameras]),
            "fx_fy_cx_cy": np.array([(c.fx, c.fy, c.cx, c.cy) for c in images.cameras]),
            "size": np.array([(c.width, c.height) for c in images.cameras]),
            "held_out": images.held_out,
            "lower": images.lower,
            "upper": images.upper,
        }
    )
    return results
