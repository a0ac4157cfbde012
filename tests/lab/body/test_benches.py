"""The bench compares equals: the plain SMPL gives the same body as ours."""

from __future__ import annotations

import torch

from lab.body.benches import PlainBody
from lab.body.model import BodyModel
from tests.lab.body.synthetic import body


def test_the_peer_makes_the_same_body() -> None:
    data = body(verts=240)
    generator = torch.Generator().manual_seed(0)
    betas = torch.randn((3, 10), generator=generator)
    pose = 0.4 * torch.randn((3, 24, 3), generator=generator)
    ours = BodyModel(data)(betas, pose[:, 1:], pose[:, 0]).verts
    torch.testing.assert_close(PlainBody(data)(betas, pose), ours, rtol=0, atol=1e-5)
