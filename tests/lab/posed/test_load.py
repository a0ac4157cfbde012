"""Known points land on their dots, whatever the format; splits, sizes, and data that cannot be used."""

from __future__ import annotations

import json

import numpy as np
import pytest

from lab.cameras.projection import pixels
from lab.posed.images import PosedError, PosedImages
from lab.posed.load import load_images
from tests.lab.posed import writers
from tests.lab.posed.writers import COLORS, DOTS, FOCAL, HEIGHT, WIDTH

Z_UP = np.array([[1.0, 0, 0], [0, 0, 1.0], [0, -1.0, 0]])  # (x, y, z) of a world with Z up is (x, z, -y) here


def seen(images: PosedImages, places: np.ndarray) -> np.ndarray:
    """(N, D, 3): the colours where each picture should show the places."""
    found = []
    for number, camera in enumerate(images.cameras):
        at = pixels(camera, places)[0]
        found.append(images.pixels[number][at[:, 1].astype(int), at[:, 0].astype(int)])
    return np.array(found)


def check_dots(images: PosedImages, places: np.ndarray, tolerance: int = 0) -> None:
    """Every dot that no other one is near to in the picture is where it should be."""
    colors, checked = seen(images, places).astype(int), 0
    for number, camera in enumerate(images.cameras):
        at = pixels(camera, places)[0]
        apart = np.abs(at[:, None] - at[None]).max(axis=2) + 99 * np.eye(len(at))
        alone = apart.min(axis=1) > 10 * camera.width / WIDTH
        assert np.abs(colors[number] - COLORS)[alone].max(initial=0) <= tolerance
        checked += int(alone.sum())
    assert checked >= 3 * len(images)


def test_blender_files_have_their_alphas_splits_and_angle(tmp_path):
    writers.blender(tmp_path, ("train", "val", "test"))
    images = load_images(tmp_path)
    assert len(images) == 24, "test is left out where val judges"
    assert images.held_out.tolist() == [False] * 12 + [True] * 12
    assert images.cameras[0].fx == pytest.approx(FOCAL)
    check_dots(images, DOTS @ Z_UP.T)
    assert images.alphas is not None
    assert images.alphas.max() == 255
    assert int((images.alphas[0] > 0).sum()) == 36, "four squares of nine pixels"
    assert images.names[0] == "train/r_0"
    assert "Blender" in images.remarks[0]
    same = load_images(tmp_path / "transforms_val.json")
    assert np.array_equal(same.pixels, images.pixels), "any of the files leads to all"


def test_without_a_split_every_so_many_th_is_held_out(tmp_path):
    writers.nerfstudio(tmp_path)
    assert np.flatnonzero(load_images(tmp_path).held_out).tolist() == [4]
    assert np.flatnonzero(load_images(tmp_path, every_held_out=3).held_out).tolist() == [1, 4, 7, 10]
    assert not load_images(tmp_path, every_held_out=0).held_out.any()


def test_nerfstudio_files_have_a_principal_point_and_frames_of_their_own(tmp_path):
    writers.nerfstudio(tmp_path / "all")
    images = load_images(tmp_path / "all" / "transforms.json")
    check_dots(images, DOTS @ Z_UP.T)
    assert images.alphas is None
    assert (images.cameras[3].cx, images.cameras[3].cy) == (writers.CX, writers.CY)
    writers.nerfstudio(tmp_path / "each", values={"fl_x": 1.0}, frame_values=writers.INTRINSICS)
    check_dots(load_images(tmp_path / "each"), DOTS @ Z_UP.T)


def test_nerfstudio_lists_of_splits_are_kept(tmp_path):
    writers.nerfstudio(tmp_path)
    path = tmp_path / "transforms.json"
    content = json.loads(path.read_text())
    names = [frame["file_path"] for frame in content["frames"]]
    path.write_text(json.dumps(content | {"train_filenames": names[:9], "test_filenames": names[9:]}))
    assert load_images(path).held_out.tolist() == [False] * 9 + [True] * 3


@pytest.mark.parametrize("text", [True, False])
def test_colmap_models_bring_points_that_land_on_their_dots(tmp_path, text):
    writers.colmap(tmp_path, text)
    for path in (tmp_path, tmp_path / "sparse", tmp_path / "sparse" / "0"):
        images = load_images(path)
        assert images.points is not None
        check_dots(images, images.points.verts.astype(np.float64))
        assert np.allclose(images.points.colors * 255, COLORS)
    ups = np.mean([camera.rotation[:, 1] for camera in images.cameras], axis=0)
    assert ups / np.linalg.norm(ups) == pytest.approx([0, 1, 0], abs=1e-9), "the cameras' ups are the world's"
    assert [camera.center[1] for camera in images.cameras] == pytest.approx([1.0] * 12), "the ring lies level"
    assert any("up" in remark for remark in images.remarks)


@pytest.mark.parametrize(
    ("model", "params"), [("SIMPLE_PINHOLE", (80.0, 47.0, 37.5)), ("OPENCV", (80.0, 80, 47, 37.5, 0, 0, 0, 0))]
)
@pytest.mark.parametrize("text", [True, False])
def test_colmap_lenses_without_distortion_are_the_same_pinhole(tmp_path, model, params, text):
    writers.colmap(tmp_path, text, model, params)
    images = load_images(tmp_path)
    check_dots(images, images.points.verts.astype(np.float64))


def test_llff_has_axes_of_its_own_and_smaller_pictures(tmp_path):
    for name, scale in (("images", 1), ("images_4", 4)):
        writers.llff(tmp_path / name, name, scale)
        images = load_images(tmp_path / name, up="z")
        check_dots(images, DOTS @ Z_UP.T)
        assert images.cameras[0].fx == pytest.approx(FOCAL)


def brown(k1, k2, p1, p2):
    def bend(x, y):
        r = x * x + y * y
        radial = 1 + k1 * r + k2 * r * r
        return x * radial + 2 * p1 * x * y + p2 * (r + 2 * x * x), y * radial + p1 * (r + 2 * y * y) + 2 * p2 * x * y

    return bend


def fisheye(k1, k2):
    def bend(x, y):
        r = np.hypot(x, y)
        angle = np.arctan(r)
        factor = np.where(r > 0, angle * (1 + k1 * angle**2 + k2 * angle**4) / np.where(r > 0, r, 1), 1)
        return x * factor, y * factor

    return bend


@pytest.mark.parametrize(
    ("values", "bend"),
    [
        ({"camera_model": "OPENCV", "k1": -0.2, "k2": 0.05, "p1": 0.01, "p2": -0.008}, brown(-0.2, 0.05, 0.01, -0.008)),
        ({"camera_model": "OPENCV", "k1": 0.25, "k2": 0.1}, brown(0.25, 0.1, 0, 0)),
        ({"camera_model": "OPENCV_FISHEYE", "k1": 0.05, "k2": -0.02}, fisheye(0.05, -0.02)),
    ],
)
def test_distortion_is_taken_out(tmp_path, values, bend):
    writers.nerfstudio(tmp_path, values=writers.INTRINSICS | values, bend=bend, half=2)
    images = load_images(tmp_path)
    check_dots(images, DOTS @ Z_UP.T, tolerance=1)
    assert any(c.fx > FOCAL for c in images.cameras) == (values["k1"] == 0.25), (
        "zoomed in only where corners were blank"
    )


def test_pincushion_with_a_wrong_sign_would_miss_its_dots(tmp_path):
    """The check above can fail."""
    values = writers.INTRINSICS | {"camera_model": "OPENCV", "k1": 0.8}
    writers.nerfstudio(tmp_path, values=values, bend=brown(-0.8, 0, 0, 0), half=1)
    assert np.abs(seen(load_images(tmp_path), DOTS @ Z_UP.T).astype(int) - COLORS).max() > 100


def test_pictures_are_made_smaller_by_area_and_cameras_follow(tmp_path):
    writers.nerfstudio(tmp_path, half=4)
    images = load_images(tmp_path, max_size=WIDTH // 2)
    assert images.pixels.shape == (12, HEIGHT // 2, WIDTH // 2, 3)
    assert images.cameras[0].fx == pytest.approx(FOCAL / 2)
    check_dots(images, DOTS @ Z_UP.T)
    whole = load_images(tmp_path)
    mean = whole.pixels[0].reshape(HEIGHT // 2, 2, WIDTH // 2, 2, 3).mean(axis=(1, 3))
    assert np.abs(images.pixels[0] - mean).max() <= 1
    assert any("48 x 36" in remark for remark in images.remarks)


def test_of_too_many_some_are_taken_that_are_spread(tmp_path):
    writers.nerfstudio(tmp_path)
    images = load_images(tmp_path, most=4)
    assert len(images) == 4
    assert [int(name[6:11]) for name in images.names] == [1, 4, 7, 10]


# --- what is wrong is named -------------------------------------------------------------------------------------------


def spoil(tmp_path, **changes):
    """A good nerfstudio set whose frame 0 is changed."""
    writers.nerfstudio(tmp_path)
    path = tmp_path / "transforms.json"
    content = json.loads(path.read_text())
    content["frames"][0] |= changes
    path.write_text(json.dumps(content))
    return path


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"transform_matrix": [[float("nan")] * 4] * 4}, "not finite"),
        ({"transform_matrix": [[1e999, 0, 0, 0]] * 4}, "not finite"),
        ({"transform_matrix": [[1, 0, 0, 0], [1, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]}, "singular"),
        ({"transform_matrix": np.diag([1, 1, -1, 1]).tolist()}, "mirrors"),
        ({"transform_matrix": [[1, 0.5, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]}, "sheared"),
        ({"transform_matrix": [[1, 2], [3]]}, "no matrix"),
        ({"transform_matrix": "eye"}, "no matrix"),
        ({"file_path": "images/nowhere.png"}, "not there"),
        ({"file_path": "../secret.png"}, "outside"),
        ({"file_path": "/etc/passwd"}, "outside"),
        ({"file_path": 7}, "names no picture"),
        ({"fl_x": -3.0}, "focal length"),
        ({"fl_x": "wide"}, "'fl_x'"),
        ({"w": 64, "h": 64}, "its camera is for 64 x 64"),
        ({"camera_model": "EQUIRECTANGULAR"}, "EQUIRECTANGULAR"),
        ({"k1": 500.0, "camera_model": "OPENCV"}, "distortion"),
        ({"cx": 1e6}, "principal point"),
    ],
)
def test_a_bad_frame_is_left_out_and_named(tmp_path, changes, words):
    path = spoil(tmp_path, **changes)
    (tmp_path.parent / "secret.png").write_bytes((tmp_path / "images" / "frame_00001.png").read_bytes())
    images = load_images(path)
    assert len(images) == 11
    said = [remark for remark in images.remarks if remark.startswith("Left out")]
    assert len(said) == 1
    assert words in said[0]


def test_an_even_scale_and_rounding_in_a_pose_are_repaired(tmp_path):
    path = spoil(tmp_path)
    content = json.loads(path.read_text())
    before = load_images(path).cameras
    for frame in content["frames"]:
        matrix = np.array(frame["transform_matrix"])
        matrix[:3, :3] = np.round(2.5 * matrix[:3, :3], 3)
        frame["transform_matrix"] = matrix.tolist()
    path.write_text(json.dumps(content))
    for after, camera in zip(load_images(path).cameras, before, strict=True):
        assert np.abs(after.c2w - camera.c2w).max() < 1e-3


def test_a_link_that_leads_out_of_the_folder_is_not_followed(tmp_path):
    path = spoil(tmp_path / "set", file_path="images/link.png")
    outside = tmp_path / "outside.png"
    outside.write_bytes((tmp_path / "set" / "images" / "frame_00001.png").read_bytes())
    (tmp_path / "set" / "images" / "link.png").symlink_to(outside)
    images = load_images(path)
    assert len(images) == 11
    assert any("outside of the folder" in remark for remark in images.remarks)


def test_damaged_and_odd_pictures_are_left_out(tmp_path):
    writers.nerfstudio(tmp_path)
    folder = tmp_path / "images"
    whole = (folder / "frame_00000.png").read_bytes()
    (folder / "frame_00000.png").write_bytes(whole[: len(whole) // 2])
    (folder / "frame_00001.png").write_text("no picture")
    writers.save(folder / "frame_00002.png", np.zeros((50, 50, 3), np.uint8))
    (folder / "frame_00003.png").unlink()
    (folder / "frame_00003.png").mkdir()
    images = load_images(tmp_path)
    assert len(images) == 8
    said = " ".join(images.remarks)
    for words in ("damaged", "no PNG", "50 x 50", "a folder"):
        assert words in said, words


def test_mixed_resolutions_of_one_shape_are_brought_to_one_size(tmp_path):
    poses = writers.nerfstudio(tmp_path, values={**writers.INTRINSICS}, half=3)
    writers.save(tmp_path / "images" / "frame_00005.png", writers.dotted(poses[5], half=6, scale=2))
    images = load_images(tmp_path)
    assert len(images) == 12
    check_dots(images, DOTS @ Z_UP.T)
    assert any("other resolutions" in remark for remark in images.remarks)


def test_masks_of_their_own_count_as_alphas_and_can_be_ignored(tmp_path):
    poses = writers.nerfstudio(tmp_path, frame_values={})
    path = tmp_path / "transforms.json"
    content = json.loads(path.read_text())
    for number, (frame, pose) in enumerate(zip(content["frames"], poses, strict=True)):
        mask = writers.dotted(pose, alpha=True)[..., 3]
        writers.save(tmp_path / "masks" / f"{number}.png", mask)
        frame["mask_path"] = f"masks/{number}.png"
    path.write_text(json.dumps(content))
    images = load_images(path)
    assert images.alphas is not None
    assert int((images.alphas[2] == 255).sum()) == 36
    assert load_images(path, masks=False).alphas is None
    (tmp_path / "masks" / "0.png").unlink()
    images = load_images(path)
    assert len(images) == 11
    assert any("its mask '0.png' is not there" in remark for remark in images.remarks)


def test_an_orientation_in_the_picture_is_followed_where_the_camera_fits(tmp_path):
    """A portrait photo stored lying down: nerfstudio's camera is of the upright one, COLMAP's of the stored one."""
    from PIL import Image

    writers.nerfstudio(tmp_path / "n", half=3)
    writers.colmap(tmp_path / "c", True, half=3)
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees clockwise
    for file in sorted((tmp_path / "n" / "images").iterdir()):
        picture = np.asarray(Image.open(file))
        writers.save(file.with_suffix(".png"), np.rot90(picture, 1), exif=exif)
    for file in sorted((tmp_path / "c" / "images").iterdir()):
        writers.save(file, np.asarray(Image.open(file)), exif=exif)
    check_dots(load_images(tmp_path / "n"), DOTS @ Z_UP.T)
    images = load_images(tmp_path / "c")
    check_dots(images, images.points.verts.astype(np.float64))


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("transforms.json", "{", "no JSON"),
        ("transforms.json", "[" * 100_000, "no JSON"),
        ("transforms.json", '{"frames": 3}', "no list 'frames'"),
        ("transforms.json", '{"frames": []}', "no pictures"),
        ("transforms.json", '{"frames": [1, null, {}]}', "no pictures"),
        ("transforms.json", '{"frames": [], "scene_box": [[0, 0], [1, 1]]}', "scene_box"),
        ("poses_bounds.npy", "hello", "no folder 'images'|no array"),
        ("notes.txt", "hello", "no posed pictures"),
    ],
)
def test_files_that_are_none_are_refused_in_a_sentence(tmp_path, name, content, words):
    (tmp_path / name).write_text(content)
    for path in (tmp_path, tmp_path / name):
        with pytest.raises(PosedError, match=words):
            load_images(path)


def test_nothing_and_plain_pictures_are_refused_with_advice(tmp_path):
    with pytest.raises(PosedError, match="nothing at"):
        load_images(tmp_path / "gone")
    writers.save(tmp_path / "a.png", np.zeros((8, 8, 3), np.uint8))
    with pytest.raises(PosedError, match="COLMAP"):
        load_images(tmp_path)


def test_cancelling_while_pictures_are_read_ends_it(tmp_path):
    writers.nerfstudio(tmp_path)

    class Cancelled(Exception):
        pass

    def report(fraction, text):
        if fraction and fraction > 0.3:
            raise Cancelled

    with pytest.raises(Cancelled):
        load_images(tmp_path, report=report)
