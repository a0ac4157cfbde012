"""Parameters, declared once.

A chapter's parameters are a frozen dataclass whose fields are made by the functions below. The form in the
panel, the options of the command line and the saved workspace are all derived from that declaration.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

Kind = Literal["number", "integer", "numbers", "choice", "switch", "geometry", "geometries", "file", "text"]
P = TypeVar("P")

LONGEST_TEXT = 20_000  # characters


class ParamError(ValueError):
    """A value that its declaration does not allow; the message names the parameter, the limits and the value."""


@dataclass(frozen=True)
class Param:
    """The declaration of one parameter.

    live: may change while the run goes on. log: the slider moves in decades. term: key of the loss term that
    it weighs, which gives it that term's colour. optional: a geometry that may stay empty. group: heading in the
    form. advanced: folded away until the person asks for more. mask_of: the file parameter of the photo that this file
    is the mask of; it can then be painted. keypoints_of: the file parameter of the photo whose people's joints are in
    this file; they can then be found and moved by hand.
    folder: the file may be a whole folder. accepts: what a geometry parameter takes: "shape", a mesh or point cloud, or
    "field", a radiance field.
    hidden: not in the form: handles and buttons set it. when: (another parameter, the values of it with which this one
    is of any use); else its row is not shown. play: a number of seconds with a button that lets it run in real time.

    numbers: a tuple of ``len(default)`` numbers. names: what each is called. pages: with them the numbers are pages of
    ``len(names)`` each, and the form shows the one that the choice parameter ``page_by`` names. degrees: the numbers
    are radians, and a person sees and types degrees; limits are in radians.
    """

    name: str
    kind: Kind
    default: Any
    doc: str
    label: str
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    log: bool = False
    choices: tuple[str, ...] = ()
    live: bool = False
    term: str | None = None
    group: str = ""
    advanced: bool = False
    optional: bool = False
    mask_of: str = ""
    keypoints_of: str = ""
    folder: bool = False
    accepts: tuple[Literal["shape", "field"], ...] = ("shape",)
    hidden: bool = False
    when: tuple[str, tuple[Any, ...]] | None = None
    play: bool = False
    names: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()
    page_by: str = ""
    degrees: bool = False

    def may_be_empty(self, values: Mapping[str, Any]) -> bool:
        """Whether it needs no value: it is optional, or of no use with these ``values`` of all parameters."""
        return self.optional or (self.when is not None and values[self.when[0]] not in self.when[1])

    @property
    def accepted(self) -> str:
        """What a geometry parameter takes, in words without an article."""
        kinds = {"shape": "mesh or point cloud", "field": "radiance field"}
        return " or ".join(kinds[name] for name in self.accepts)

    @property
    def option(self) -> str:
        """The command-line option, ``--edge-weight``."""
        return "--" + self.name.replace("_", "-")

    def check(self, value: Any) -> Any:
        """``value`` converted to the parameter's type. Raises ParamError when it does not fit."""
        if self.kind == "switch":
            if not isinstance(value, bool):
                raise ParamError(f"{self.label}: expected on or off, found {value!r}")
            return value
        if self.kind == "choice":
            if value not in self.choices:
                raise ParamError(f"{self.label}: expected one of {', '.join(self.choices)}; found {value!r}")
            return value
        if self.kind == "geometry":
            if not isinstance(value, str):
                raise ParamError(f"{self.label}: expected the name of a mesh or point cloud, found {value!r}")
            return value
        if self.kind == "geometries":
            if isinstance(value, str) or not all(isinstance(path, str) for path in value):
                raise ParamError(f"{self.label}: expected names of meshes or point clouds, found {value!r}")
            return tuple(value)
        if self.kind == "numbers":
            return self._check_numbers(value)
        if self.kind in ("file", "text"):
            if not isinstance(value, str) or len(value) > LONGEST_TEXT:
                raise ParamError(f"{self.label}: expected at most {LONGEST_TEXT:,} characters, found {value!r:.80}")
            return value
        return self._check_number(value)

    def _check_numbers(self, value: Any) -> tuple[float, ...]:
        count = len(self.default)
        try:
            given = tuple(value)
        except TypeError:
            raise ParamError(f"{self.label}: expected {count} numbers, found {value!r:.80}") from None
        if len(given) != count:
            raise ParamError(f"{self.label}: expected {count} numbers, found {len(given)}")
        return tuple(float(self._check_number(number)) for number in given)

    def _check_number(self, value: Any) -> float | int:
        try:
            number = float(value)
        except (TypeError, ValueError, OverflowError):
            raise ParamError(f"{self.label}: expected a number, found {value!r}") from None
        if self.kind == "integer" and not number.is_integer():
            raise ParamError(f"{self.label}: expected a whole number, found {value!r}")
        low = -math.inf if self.minimum is None else self.minimum
        high = math.inf if self.maximum is None else self.maximum
        if not (math.isfinite(number) and low <= number <= high):
            unit = f" {self.unit}" if self.unit else ""
            raise ParamError(f"{self.label}: expected a value from {low:g} to {high:g}{unit}, found {value!r}")
        return int(number) if self.kind == "integer" else number


def _field(kind: Kind, default: Any, doc: str, label: str, **options: Any) -> Any:
    return dataclasses.field(default=default, metadata={"kind": kind, "doc": doc, "label": label, **options})


def number(default: float, label: str, doc: str, *, minimum: float, maximum: float, **options: Any) -> Any:
    """A float within [minimum, maximum]; options as in Param."""
    return _field("number", default, doc, label, minimum=minimum, maximum=maximum, **options)


def integer(default: int, label: str, doc: str, *, minimum: int, maximum: int, **options: Any) -> Any:
    """A whole number within [minimum, maximum]; options as in Param."""
    return _field("integer", default, doc, label, minimum=minimum, maximum=maximum, **options)


def numbers(default: Sequence[float], label: str, doc: str, *, minimum: float, maximum: float, **options: Any) -> Any:
    """As many floats as ``default`` has, each within [minimum, maximum]; options as in Param."""
    return _field("numbers", tuple(map(float, default)), doc, label, minimum=minimum, maximum=maximum, **options)


def choice(default: str, label: str, doc: str, choices: Sequence[str], **options: Any) -> Any:
    """One of the given words."""
    return _field("choice", default, doc, label, choices=tuple(choices), **options)


def switch(default: bool, label: str, doc: str, **options: Any) -> Any:
    """On or off."""
    return _field("switch", default, doc, label, **options)


def geometry(label: str, doc: str, **options: Any) -> Any:
    """A mesh or point cloud: the path of a scene entity in the window, of a file on the command line; "" is none."""
    return _field("geometry", "", doc, label, **options)


def geometries(label: str, doc: str, **options: Any) -> Any:
    """Several meshes or point clouds: a tuple of scene paths in the window, of files on the command line."""
    return _field("geometries", (), doc, label, **options)


def file(label: str, doc: str, **options: Any) -> Any:
    """The path of a file; "" is none."""
    return _field("file", "", doc, label, **options)


def text(default: str, label: str, doc: str, **options: Any) -> Any:
    """Words that the person types or pastes, several lines of them."""
    return _field("text", default, doc, label, **options)


def declared(cls: type) -> tuple[Param, ...]:
    """The parameters of a dataclass made of the fields above, in order."""
    return tuple(Param(name=f.name, default=f.default, **f.metadata) for f in dataclasses.fields(cls))


def build(cls: type[P], values: Mapping[str, Any]) -> P:
    """An instance of ``cls`` from ``values`` (missing ones by default), checked. Raises ParamError."""
    known = {param.name: param for param in declared(cls)}
    unknown = sorted(set(values) - set(known))
    if unknown:
        raise ParamError(f"unknown parameter {unknown[0]!r}; known are {', '.join(known)}")
    return cls(**{name: known[name].check(value) for name, value in values.items()})


def with_components(values: Mapping[str, Any], current: Mapping[str, Any]) -> dict[str, Any]:
    """``values`` with single components, such as "pose[5]", put into the tuples of ``current``. Raises ParamError."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        whole, bracket, place = name.partition("[")
        if not bracket:
            found[name] = value
            continue
        index = place.removesuffix("]")
        before = found.get(whole, current.get(whole))
        if not isinstance(before, tuple) or not index.isdigit() or int(index) >= len(before):
            raise ParamError(f"unknown parameter {name!r}")
        found[whole] = (*before[: int(index)], value, *before[int(index) + 1 :])
    return found


def check_geometry(params: Any, inputs: Mapping[str, Any]) -> None:
    """Raises ParamError when a geometry is not chosen, or is not among ``inputs``: by parameter name, what there is."""
    for param in declared(type(params)):
        if param.kind not in ("geometry", "geometries"):
            continue
        chosen, given = getattr(params, param.name), inputs.get(param.name)
        if param.kind == "geometries" and given is not None and len(given) != len(chosen):
            raise ParamError(f"{param.label}: not all of the chosen objects are there any more")
        if given:
            continue
        if chosen:
            raise ParamError(f"{param.label}: there is no {param.accepted} named {chosen!r}")
        if not param.may_be_empty(dataclasses.asdict(params)):
            raise ParamError(f"{param.label}: choose a {param.accepted}")


def values(params: Any) -> dict[str, Any]:
    """The parameters as a plain dictionary that JSON can hold."""
    return dataclasses.asdict(params)
