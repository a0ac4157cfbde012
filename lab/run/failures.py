"""Why a run failed, in a sentence for the person."""

from __future__ import annotations

from lab.experiment import ExperimentError
from lab.params import ParamError

_OUT_OF_MEMORY = ("out of memory", "can't allocate memory", "not enough memory")


def explain(error: Exception, step: int) -> str:
    """What went wrong after ``step`` (-1: before the first one), and what to do."""
    if isinstance(error, ExperimentError | ParamError):
        return str(error)
    if is_out_of_memory(error):
        return (
            "There was not enough memory for this run. "
            "Use a smaller mesh, fewer samples or a lower level of detail, or close other programs."
        )
    if isinstance(error, ImportError):
        return f"A part that this activity needs cannot be loaded: {error}. './dl3d doctor' shows what is missing."
    where = "before its first step" if step < 0 else f"after step {step}"
    reason = str(error).strip().partition("\n")[0]
    found = f"{type(error).__name__}: {reason}" if reason else type(error).__name__
    return f"The run ended {where} by an error that the activity does not expect ({found})."


def is_out_of_memory(error: Exception) -> bool:
    """Also of torch, without importing it: its CPU allocator raises a plain RuntimeError."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    return isinstance(error, RuntimeError) and any(words in str(error) for words in _OUT_OF_MEMORY)
