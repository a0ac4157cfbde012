"""After the warm-up nothing is left to be compiled, whatever a run does."""

from __future__ import annotations

import importlib
import pkgutil
import subprocess
import sys
from collections.abc import Iterator

from numba.core.dispatcher import Dispatcher

import lab.fitting
from lab.fitting.experiment import warm_up
from tests.lab.fitting.fitting_help import blob, bumpy_mesh, fit


def kernels() -> Iterator[tuple[str, Dispatcher]]:
    for module in pkgutil.iter_modules(lab.fitting.__path__):
        if module.name not in ("torch_fitter", "benches"):
            for name, value in vars(importlib.import_module(f"lab.fitting.{module.name}")).items():
                if isinstance(value, Dispatcher):
                    yield f"{module.name}.{name}", value


def test_importing_needs_no_torch() -> None:
    script = "import sys, lab.fitting.experiment; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_run_finds_every_kernel_compiled() -> None:
    warm_up()
    before = {name: len(kernel.signatures) for name, kernel in kernels()}
    assert len(before) > 25
    for target in (bumpy_mesh(), blob(1000, normals=True), blob(100)):
        for values in (
            {"laplacian_kind": "cot", "coarse_to_fine": True, "early_stop": True},
            {"laplacian_kind": "cotcurv", "template": "convex hull", "optimiser": "Adam", "learning_rate": 0.01},
            {"learning_rate": 10.0, "edge_weight": 10.0, "momentum": 0.99, "steps": 60},
        ):
            run = fit(target, **{"steps": 12, **values}).run(states=(3,))
            fit(target, own=run.fitted, steps=3).run()
    after = {name: len(kernel.signatures) for name, kernel in kernels()}
    assert after == before
