"""Encodings and networks, against the numbers of the papers and of PyTorch3D."""

import pytest
import torch
from pytorch3d.renderer.implicit import HarmonicEmbedding

from lab.fields.classic.encoding import Encoding
from lab.fields.classic.networks import CourseNetwork, OriginalNetwork, make_networks, parameter_count
from lab.fields.classic.options import ClassicOptions, Dials


def test_the_published_encodings_have_63_and_27_features():
    assert Encoding(10).width == 63
    assert Encoding(4).width == 27
    assert Encoding(10)(torch.rand(5, 3)).shape == (5, 63)


def test_a_feature_is_where_the_published_code_has_it():
    x = torch.tensor([[0.1, -0.2, 0.3]])
    features = Encoding(2)(x)[0]
    expected = torch.cat([x[0], x[0].sin(), x[0].cos(), (2 * x[0]).sin(), (2 * x[0]).cos()])
    torch.testing.assert_close(features, expected)


@pytest.mark.parametrize(("count", "first", "with_input"), [(10, 1.0, True), (60, 0.1, False)])
def test_features_are_those_of_pytorch3d_in_another_order(count, first, with_input):
    x = torch.rand(7, 3, generator=torch.Generator().manual_seed(1)) * 2 - 1
    theirs = HarmonicEmbedding(count, omega_0=first, append_input=with_input)(x)
    ours = Encoding(count, first, with_input)(x)
    assert ours.shape == theirs.shape
    known = min(count, 18)  # above that, rounding: cos is a sine of a shifted angle there
    plain = 3 if with_input else 0
    waves = ours[:, plain:].reshape(7, count, 2, 3)[:, :known]
    sines = theirs[:, : 3 * count].reshape(7, 3, count)[..., :known]
    cosines = theirs[:, 3 * count : 6 * count].reshape(7, 3, count)[..., :known]
    torch.testing.assert_close(waves[:, :, 0], sines.transpose(1, 2), atol=2e-2 if count == 60 else 1e-4, rtol=0)
    torch.testing.assert_close(waves[:, :, 1], cosines.transpose(1, 2), atol=2e-2 if count == 60 else 1e-4, rtol=0)


def test_frequencies_that_are_not_used_are_zero_and_the_others_unchanged():
    x = torch.rand(4, 3)
    whole, some = Encoding(10)(x), Encoding(10)(x, 4)
    assert torch.equal(some[:, : 3 + 24], whole[:, : 3 + 24])
    assert not some[:, 3 + 24 :].any()
    assert torch.equal(Encoding(10)(x, 60), whole)
    assert torch.equal(Encoding(10)(x, 0)[:, :3], x)


def test_half_of_the_courses_features_are_rounding():
    """In float32, sin(f x) for x and for the next number after x are unrelated once f exceeds 1 / spacing."""
    encoding = Encoding(60, 0.1, with_input=False)
    x = torch.full((1, 3), 0.7)
    after = torch.nextafter(x, torch.ones(1, 3))
    change = (encoding(x) - encoding(after)).abs().reshape(60, 6).amax(dim=1)
    assert change[:20].max() < 1e-2
    assert (change[30:] > 0.3).float().mean() > 0.6


def test_parameter_counts_are_the_published_ones():
    assert parameter_count(OriginalNetwork(ClassicOptions())) == 595_844
    assert parameter_count(CourseNetwork()) == 317_188
    assert parameter_count(make_networks(ClassicOptions(), 0)) == 1_191_688


def test_the_point_enters_again_at_the_sixth_layer():
    network = OriginalNetwork(ClassicOptions())
    assert [layer.in_features for layer in network.layers] == [63, 256, 256, 256, 256, 319, 256, 256]


def test_without_view_dependence_the_direction_does_not_matter():
    network = OriginalNetwork(ClassicOptions(width=16, depth=3))
    _, features = network.trunk(torch.rand(6, 3), Dials())
    one, other = torch.eye(3)[0].expand(6, 3), torch.eye(3)[1].expand(6, 3)
    blind = Dials(view_dependence=False)
    assert torch.equal(network.head(features, one, blind), network.head(features, other, blind))
    assert not torch.equal(network.head(features, one, Dials()), network.head(features, other, Dials()))


def test_equal_seeds_give_equal_networks_and_leave_the_global_generator_alone():
    before = torch.random.get_rng_state()
    one, same, other = (make_networks(ClassicOptions(width=16, depth=3), seed) for seed in (3, 3, 4))
    assert torch.equal(before, torch.random.get_rng_state())
    pairs = list(zip(one.parameters(), same.parameters(), other.parameters(), strict=True))
    assert all(torch.equal(a, b) for a, b, _ in pairs)
    assert any(not torch.equal(a, c) for a, _, c in pairs)


def test_the_courses_density_begins_at_minus_one_and_a_half():
    network = CourseNetwork()
    assert network.to_density.bias.item() == -1.5
    raw = torch.tensor([-1.5, 0.0, 2.0])
    expected = torch.log1p(torch.exp(10 * raw)) / 10
    torch.testing.assert_close(network.density(raw), expected)
