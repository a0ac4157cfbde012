"""Kernels are compiled anew when a module that they use has changed."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import textwrap

from lab.kernels.jit import kernel, kernel_with


def test_a_kernel_that_uses_a_module_is_named_by_its_source():
    def one():
        return 1

    def two():
        return 1

    plain = kernel(one)
    using = kernel_with(importlib.import_module("lab.kernels.jit"))(two)
    assert plain() == using() == 1
    assert not plain.__qualname__.endswith(using.__qualname__[-12:])


def test_a_change_of_the_used_module_is_noticed(tmp_path):
    (tmp_path / "user.py").write_text(
        textwrap.dedent(
            """
            import used
            from lab.kernels.jit import kernel_with

            @kernel_with(used)
            def answer():
                return used.number()
            """
        )
    )
    found = []
    for number in (1, 2, 2):
        (tmp_path / "used.py").write_text(
            f"from lab.kernels.jit import inlined\n@inlined\ndef number():\n    return {number}\n"
        )
        path = os.pathsep.join([str(tmp_path), os.getcwd()])
        code = "import user; print(user.answer(), sum(user.answer.stats.cache_hits.values()))"
        child = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONPATH": path},
        )
        found.append(tuple(map(int, child.stdout.split())))
    assert found == [(1, 0), (2, 0), (2, 1)]
