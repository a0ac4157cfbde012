"""Open3D without the parts that the lab never needs: CUDA, machine learning, and plots in web pages.

Those bring scikit-learn, pandas, dash and a second copy of Open3D, two thirds of the time and memory of the import.
The render process and the studies import it from here, and from nowhere else.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any


def _unused(*names: Any) -> None:
    """Stands for functions that nobody calls here."""
    raise NotImplementedError("this part of Open3D is left out of the lab")


def _placeholder(name: str, **functions: Any) -> None:
    module = ModuleType(name)
    vars(module).update(functions)
    sys.modules.setdefault(name, module)


def _without_cuda() -> None:
    """Say, in place of the package's own note on how it was built, that it was built without CUDA."""
    package = importlib.util.find_spec("open3d")
    if package is None or package.origin is None:
        return  # the import below will say so
    spec = importlib.util.spec_from_file_location(
        "open3d._build_config", Path(package.origin).with_name("_build_config.py")
    )
    if spec is None or spec.loader is None:
        return
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module._build_config["BUILD_CUDA_MODULE"] = False
    sys.modules[spec.name] = module


_placeholder("open3d.ml")
_placeholder("open3d.visualization.draw_plotly", draw_plotly=_unused, draw_plotly_server=_unused)
_without_cuda()

import open3d as o3d  # noqa: E402  after the preparations

__all__ = ["o3d"]
