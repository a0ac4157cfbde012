"""The space that rays cross, and the rays that pictures give."""

import numpy as np
import pytest
import torch

from lab.fields.classic.options import ClassicOptions
from lab.fields.classic.pictures import Pictures
from lab.fields.classic.space import Space, grown
from lab.fields.rays import rays_of
from tests.lab.fields.classic.ball import RADIUS, ball_images, ball_seen

CPU = torch.device("cpu")


def random(seed=0):
    return torch.Generator().manual_seed(seed)


def test_the_longest_side_of_the_box_is_two_units():
    images = ball_images()
    space = Space(images, CPU, carved=False)
    assert space.half == pytest.approx(0.8)
    assert space.to_units(np.full(3, 0.8)) == pytest.approx([1.0, 1.0, 1.0])
    assert space.to_world(space.to_units(np.array([0.1, -3.0, 2.0]))) == pytest.approx([0.1, -3.0, 2.0])


def test_a_ray_crosses_the_box():
    space = Space(ball_images(), CPU, carved=False)
    origins = torch.tensor([[0.0, 0.0, 3.0], [0.0, 0.0, 0.0], [0.0, 2.0, 3.0]])
    directions = torch.tensor([[0.0, 0.0, -1.0]] * 3)
    near, far = space.span(origins, directions)
    assert near.tolist() == pytest.approx([2.0, 0.0, float(near[2])])
    assert far.tolist() == pytest.approx([4.0, 1.0, float(near[2])])  # the last one misses


def test_the_hull_holds_the_ball_and_little_more():
    space = Space(ball_images(64), CPU, carved=True)
    on_ball = torch.randn((2000, 3), generator=random())
    on_ball = on_ball / on_ball.norm(dim=1, keepdim=True) * (RADIUS / space.half) * 0.99
    assert space.occupied(on_ball).all()
    assert space.hull is not None
    assert 0.22 < space.hull.float().mean() < 0.45  # the ball has 22 % of the box


def test_rays_start_and_end_at_the_hull():
    images = ball_images(64)
    space, box = Space(images, CPU, carved=True), Space(images, CPU, carved=False)
    origins = torch.tensor([[0.0, 0.0, 3.0], [0.95, 0.95, 3.0]])
    directions = torch.tensor([[0.0, 0.0, -1.0]] * 2)
    near, far = space.span(origins, directions)
    outer_near, outer_far = box.span(origins, directions)
    ball = RADIUS / space.half
    assert outer_near[0] < near[0] < 3.0 - ball
    assert 3.0 + ball < far[0] < outer_far[0]
    assert near[1] == far[1]  # through the box's corner, past the object


def test_without_masks_there_is_no_hull():
    assert Space(ball_images(alphas=False), CPU, carved=True).hull is None


def test_a_mask_grows_by_its_reach():
    mask = torch.zeros((7, 9), dtype=torch.bool)
    mask[3, 4] = True
    assert grown(mask, 2).sum() == 25
    assert grown(mask, 2)[1:6, 2:7].all()


def test_rays_of_pixel_centres_are_those_of_the_cameras():
    images = ball_images()
    space = Space(images, CPU, carved=False)
    pictures = Pictures(images, ClassicOptions(), space, CPU)
    y, x = torch.meshgrid(torch.arange(24) + 0.5, torch.arange(24) + 0.5, indexing="ij")
    which = torch.full((24 * 24,), 3)
    origins, directions, length = pictures.cameras.rays(which, x.reshape(-1), y.reshape(-1))
    expected, towards = rays_of(images.cameras[3])
    assert np.allclose(space.to_world(origins.numpy()), expected, atol=1e-6)
    assert np.allclose(directions, towards, atol=1e-6)
    axis = torch.tensor(-images.cameras[3].rotation[:, 2], dtype=torch.float32)
    assert np.allclose(length * (directions @ axis), 1.0, atol=1e-5)  # one unit along the optical axis


@pytest.mark.parametrize("between", [False, True])
def test_the_colours_of_rays_are_those_of_the_scene(between):
    images = ball_images(48)
    space = Space(images, CPU, carved=True)
    options = ClassicOptions(rays=400, pictures=0, pixels="on the object", bounds="object", between_pixels=between)
    rays = Pictures(images, options, space, CPU).draw(0, random())
    along = -(rays.origins * rays.directions).sum(dim=1)
    inside = along**2 - (rays.origins**2).sum(dim=1) + (RADIUS / space.half) ** 2
    hit = inside > 0.05  # away from the outline, where pixels are mixed
    points = rays.origins + (along - inside.clamp(min=0).sqrt())[:, None] * rays.directions
    normal = points / (RADIUS / space.half) * 0.5 + 0.5
    assert hit.sum() > (50 if between else 200)
    assert rays.alpha is not None
    assert (rays.color[hit] - normal[hit]).abs().max() < 0.03
    assert (rays.alpha[hit] == 1.0).float().mean() > 0.9


def test_the_published_rays_come_from_one_picture_and_the_courses_from_six():
    images = ball_images()
    space = Space(images, CPU, carved=False)
    one = Pictures(images, ClassicOptions(rays=100, pictures=1), space, CPU).draw(0, random())
    assert len(torch.unique(one.origins, dim=0)) == 1
    six = Pictures(images, ClassicOptions(rays=600, pictures=6, between_pixels=True), space, CPU).draw(0, random())
    _, counts = torch.unique(six.origins, dim=0, return_counts=True)
    assert counts.tolist() == [100] * 6


def test_planes_are_planes_and_not_spheres():
    images = ball_images()
    space = Space(images, CPU, carved=False)
    options = ClassicOptions(rays=200, pictures=1, near=1.5, far=3.5)
    rays = Pictures(images, options, space, CPU).draw(0, random())
    near = rays.origins + rays.near[:, None] * rays.directions
    axis = torch.tensor(np.stack([-c.rotation[:, 2] for c in images.cameras]), dtype=torch.float32)
    depth = ((near - rays.origins) @ axis.T) * space.half  # of each ray to each camera's axis
    own = (depth - 1.5).abs().amax(dim=0).argmin()
    assert depth[:, own].numpy() == pytest.approx(1.5, abs=1e-4)


def test_small_pictures_come_first_and_are_means():
    images = ball_images(64)
    pictures = Pictures(images, ClassicOptions(first_sizes=10), Space(images, CPU, carved=False), CPU)
    assert [pictures.level_at(step) for step in (0, 9, 10, 19, 20, 1000)] == [2, 2, 1, 1, 0, 0]
    whole, half = pictures.levels[0], pictures.levels[1]
    assert (half.width, half.height) == (32, 32)
    assert half.alphas is not None
    assert half.alphas.float().mean() == pytest.approx(float(whole.alphas.float().mean()), abs=0.5)
    color, _ = ball_seen(images.cameras[0])
    block = color[32:34, 32:34].mean(axis=(0, 1)) * 255
    assert half.pixels[0, 16, 16].numpy() == pytest.approx(block, abs=2.0)
