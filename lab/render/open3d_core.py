"""Open3D without the parts that a renderer never needs: its machine learning and its plots in web pages.

Those pull in scikit-learn, pandas and dash, which is two thirds of the time and memory of ``import open3d``. Only the
render process imports this module, so nobody else gets the shortened package.
"""

from __future__ import annotations

import os
import sys
from types import ModuleType
from typing import Any


def _unused(*names: Any) -> None:
    """Stands for functions that nobody calls here."""
    raise NotImplementedError("this part of Open3D is left out of the render process")


def _placeholder(name: str, **functions: Any) -> None:
    module = ModuleType(name)
    vars(module).update(functions)
    sys.modules.setdefault(name, module)


_placeholder("open3d.ml")
_placeholder("open3d.visualization.draw_plotly", draw_plotly=_unused, draw_plotly_server=_unused)
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"  # it draws with OpenGL; a CUDA context would only take memory

import open3d as o3d  # noqa: E402  after the placeholders

__all__ = ["o3d"]
