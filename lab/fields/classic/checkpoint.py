"""Weights and the optimiser's memory as plain arrays, and back."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from torch import nn

from lab.experiment import ExperimentError
from lab.files import explain
from lab.npz import DAMAGE, NpzError, read_npz
from lab.scene import Array

_MOST_BYTES = 256 << 20  # of a file's weights: ten times the largest networks
_MOMENTS = ("exp_avg", "exp_avg_sq")


def weight_arrays(networks: nn.Module) -> dict[str, Array]:
    """Copies of all weights by their names."""
    return {name: value.detach().cpu().numpy().copy() for name, value in networks.named_parameters()}


def restore_weights(networks: nn.Module, weights: Mapping[str, Array]) -> None:
    """Set all weights. Raises ExperimentError when they are of another network or no numbers."""
    expected = dict(networks.named_parameters())
    if weights.keys() != expected.keys():
        raise ExperimentError(
            "The weights are of another kind of network: choose the architecture, depth and sampling that they had."
        )
    for name, value in expected.items():
        array = np.asarray(weights[name])
        if array.shape != tuple(value.shape):
            raise ExperimentError(
                f"The weights {name} have the shape {array.shape}, but this network needs {tuple(value.shape)}: "
                "choose the width and the numbers of frequencies that they had."
            )
        if array.dtype.kind != "f" or not np.isfinite(array).all():
            raise ExperimentError(f"The weights {name} are not all finite numbers; the file cannot be used.")
    with torch.no_grad():
        for name, value in expected.items():
            value.copy_(torch.tensor(np.asarray(weights[name])))


def optimiser_arrays(adam: torch.optim.Adam) -> dict[str, Array]:
    """Adam's moments, by the number of the parameter, and its count of steps."""
    found: dict[str, Array] = {}
    for number, parameter in enumerate(adam.param_groups[0]["params"]):
        memory = adam.state.get(parameter)
        if memory:
            for name in (*_MOMENTS, "step"):
                found[f"{number} {name}"] = memory[name].detach().cpu().numpy().copy()
    return found


def restore_optimiser(adam: torch.optim.Adam, arrays: Mapping[str, Array]) -> None:
    """Set what ``optimiser_arrays`` gave. Raises ExperimentError when it is another network's."""
    adam.state.clear()
    if not arrays:
        return
    for number, parameter in enumerate(adam.param_groups[0]["params"]):
        try:
            memory = {name: torch.tensor(np.asarray(arrays[f"{number} {name}"])) for name in (*_MOMENTS, "step")}
        except KeyError:
            raise ExperimentError("The checkpoint is of another network, so the run cannot go on from it.") from None
        if any(memory[name].shape != parameter.shape for name in _MOMENTS):
            raise ExperimentError("The checkpoint is of another network, so the run cannot go on from it.")
        adam.state[parameter] = {name: value.to(parameter.device) for name, value in memory.items()}


def read_weights(path: Path, networks: nn.Module) -> dict[str, Array]:
    """What a file .npz, such as a run's results, holds under the names of the networks' weights; ``restore_weights``
    checks it. Nothing is unpickled. Raises ExperimentError.
    """
    try:
        return read_npz(path, dict(networks.named_parameters()), _MOST_BYTES)
    except OSError as error:
        raise ExperimentError(f"The weights {path.name} cannot be read: {explain(error)}.") from None
    except DAMAGE as error:
        cause = str(error) if isinstance(error, NpzError) else "it is damaged"
        raise ExperimentError(f"The weights {path.name} cannot be read: {cause}.") from None
