"""The models of the formats' tests."""

from tests.lab.formats.conftest import cube

__all__ = ["cube"]
