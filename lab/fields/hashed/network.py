"""The networks of a hashed field, forward and backward by hand.

    features = W_1 relu(W_0 encoding(x)),  sigma = scale exp(features_0)
    colour = sigmoid(W_4 relu(W_3 relu(W_2 [harmonics(direction), features])))

as in Mueller et al. 2022, without biases: the first harmonic is 1.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from lab.fields.hashed import encoding, layers
from lab.fields.hashed.encoding import encode, encode_back, offsets_of, resolutions_of
from lab.fields.hashed.layers import multiply, relu, relu_back, weights_back
from lab.fields.hashed.options import HashOptions
from lab.kernels.jit import kernel_with
from lab.scene import Array

POINTS = 768
"""That kernels work on at once: their values stay in the processor's own memory."""

CODE = 16
"""Features that the density's network hands to the colour's; the first is the logarithm of the density."""

HIGHEST = 12.0
"""Logarithms of the density end here, which is opaque in any step."""

MOST_LEVELS = 32

_FIRST = 1e-4  # the table's numbers at the start, at most


class Network(NamedTuple):
    """What is learned: table (E, 2), and the matrices of five layers; all of one dtype. turned: their transposes.

    resolutions, offsets: of the encoding's levels, of which the first ``used`` are. harmonics: of the direction.
    """

    table: Array
    resolutions: Array
    offsets: Array
    used: int
    harmonics: int
    weights: tuple[Array, Array, Array, Array, Array]
    turned: tuple[Array, Array, Array, Array, Array]


class Slopes(NamedTuple):
    """Gradients: of the table (E, 2), which entries have any (E,) uint8, and of the matrices."""

    table: Array
    touched: Array
    weights: tuple[Array, Array, Array, Array, Array]


class Buffers(NamedTuple):
    """Room for the values of POINTS points in all layers, and for two gradients at a time: (., POINTS)."""

    points: Array
    encoded: Array
    hidden: Array
    code: Array
    inputs: Array
    first: Array
    second: Array
    logits: Array
    change: Array
    other: Array


def shapes_of(options: HashOptions) -> tuple[tuple[int, int], ...]:
    """(outputs, inputs) of the five layers, filled up to multiples of 4."""
    encoded, inputs = _whole(options.features * len(resolutions_of(options))), _whole(options.harmonics + CODE)
    width = options.width
    return (width, encoded), (CODE, width), (width, inputs), (width, width), (4, width)


def first_values(options: HashOptions, seed: int) -> tuple[Array, Array]:
    """The table (E, 2) and all matrices in one vector, float32, as training begins: uniform, after He et al. 2015."""
    rng = np.random.default_rng([seed, 0x4A54])
    offsets = offsets_of(resolutions_of(options), options.table_bits)
    table = rng.uniform(-_FIRST, _FIRST, (offsets[-1], options.features)).astype(np.float32)
    parts = []
    for number, (outputs, inputs) in enumerate(shapes_of(options)):
        most = math.sqrt((6.0 if number not in (1, 4) else 3.0) / inputs)
        parts.append(rng.uniform(-most, most, outputs * inputs).astype(np.float32))
    return table, np.concatenate(parts)


def network_of(options: HashOptions, table: Array, vector: Array, used: int = MOST_LEVELS) -> Network:
    """The network that has this table and these matrices; they are looked at, not copied, but for the transposes."""
    resolutions = resolutions_of(options)
    weights = matrices(options, vector)
    a, b, c, d, e = (np.ascontiguousarray(matrix.T) for matrix in weights)
    offsets = offsets_of(resolutions, options.table_bits)
    return Network(
        table, resolutions, offsets, min(used, len(resolutions)), options.harmonics, weights, (a, b, c, d, e)
    )


def matrices(options: HashOptions, vector: Array) -> tuple[Array, Array, Array, Array, Array]:
    """Views of the vector as the five matrices."""
    shapes = shapes_of(options)
    starts = np.cumsum([0, *(rows * columns for rows, columns in shapes)])
    a, b, c, d, e = (
        vector[start:end].reshape(shape) for start, end, shape in zip(starts[:-1], starts[1:], shapes, strict=True)
    )
    return a, b, c, d, e


def buffers_of(network: Network) -> Buffers:
    """Buffers for this network."""

    def room(rows: int) -> Array:
        return np.zeros((rows, POINTS), network.table.dtype)

    width, encoded = network.weights[0].shape
    inputs = network.weights[2].shape[1]
    most = max(width, encoded, inputs)
    return Buffers(
        room(3), room(encoded), room(width), room(CODE), room(inputs), room(width), room(width), room(4),
        room(most), room(most),
    )  # fmt: skip


@kernel_with(encoding, layers)
def codes(network: Network, buffers: Buffers, count: int) -> None:
    """The density's network, for the first ``count`` of ``buffers.points``, in the unit cube: fills ``code``."""
    encode(buffers.points, count, network.table, network.resolutions, network.offsets, network.used, buffers.encoded)
    multiply(network.weights[0], buffers.encoded, buffers.hidden, count)
    relu(buffers.hidden, count)
    multiply(network.weights[1], buffers.hidden, buffers.code, count)


@kernel_with(encoding, layers)
def colors(network: Network, buffers: Buffers, count: int) -> None:
    """The colour's network: ``inputs`` begins with the harmonics of the directions; fills ``logits``."""
    for row in range(CODE):
        line, code = buffers.inputs[network.harmonics + row], buffers.code[row]
        for s in range(count):
            line[s] = code[s]
    multiply(network.weights[2], buffers.inputs, buffers.first, count)
    relu(buffers.first, count)
    multiply(network.weights[3], buffers.first, buffers.second, count)
    relu(buffers.second, count)
    multiply(network.weights[4], buffers.second, buffers.logits, count)


@kernel_with(encoding, layers)
def back(network: Network, buffers: Buffers, slopes: Slopes, code_change: Array, count: int) -> None:
    """Add up all gradients. ``logits`` (4, .) holds the loss's gradients for the logits, its last row 0;
    code_change (.,) those for the logarithm of the density.
    """
    a, b = buffers.change, buffers.other
    weights_back(buffers.logits, buffers.second, slopes.weights[4], count)
    multiply(network.turned[4], buffers.logits, a, count)
    relu_back(buffers.second, a, count)
    weights_back(a, buffers.first, slopes.weights[3], count)
    multiply(network.turned[3], a, b, count)
    relu_back(buffers.first, b, count)
    weights_back(b, buffers.inputs, slopes.weights[2], count)
    multiply(network.turned[2], b, a, count)
    code = a[network.harmonics : network.harmonics + CODE]
    for s in range(count):
        code[0, s] += code_change[s]
    weights_back(code, buffers.hidden, slopes.weights[1], count)
    multiply(network.turned[1], code, b, count)
    relu_back(buffers.hidden, b, count)
    weights_back(b, buffers.encoded, slopes.weights[0], count)
    multiply(network.turned[0], b, a, count)
    encode_back(
        buffers.points, count, a, network.resolutions, network.offsets, network.used, slopes.table, slopes.touched
    )  # fmt: skip


def _whole(count: int) -> int:
    """The next multiple of 4."""
    return -(-count // 4) * 4
