"""Random adults: how much of each of MakeHuman's targets a person has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np

from lab.body.builder.source import Source
from lab.scene import Array

SEXES = ("female", "male")
AGES = ("young", "old")
ORIGINS = ("african", "asian", "caucasian")


@dataclass(frozen=True)
class Person:
    """One adult. Every number is in [0, 1].

    male: 0 a woman, 1 a man. age: 0 is 25 years, 1 is 90. muscle, weight, height, proportions, cup, firmness: 0.5 is
    the average. origins: (3,) the shares of ORIGINS, sum 1.
    """

    male: float
    age: float
    muscle: float
    weight: float
    height: float
    proportions: float
    cup: float
    firmness: float
    origins: tuple[float, float, float]


def draw(rng: np.random.Generator, gender: str) -> Person:
    """A random adult: "female", "male", or any ("neutral": half of each sex, some in between)."""
    male = {"female": 0.0, "male": 1.0}.get(gender)
    if male is None:
        male = float(rng.integers(2)) if rng.random() < 0.85 else float(rng.random())

    def around_average(spread: float) -> float:
        return float(np.clip(rng.normal(0.5, spread), 0.0, 1.0))

    first, second, third = (float(share) for share in rng.dirichlet([1.0, 1.0, 1.0]))
    return Person(
        male=male,
        age=float(rng.beta(1.0, 2.5)),
        muscle=around_average(0.2),
        weight=around_average(0.27),
        height=around_average(0.06),  # 7 cm in each sex
        proportions=around_average(0.2),
        cup=around_average(0.2),
        firmness=around_average(0.2),
        origins=(first, second, third),
    )


def thirds(value: float, word: str) -> dict[str, float]:
    """The shares of "min", "average" and "max" plus ``word`` at a value of 0 to 1; sum 1, linear in between."""
    return {
        f"min{word}": max(0.0, 1.0 - 2.0 * value),
        f"average{word}": 1.0 - abs(2.0 * value - 1.0),
        f"max{word}": max(0.0, 2.0 * value - 1.0),
    }


def recipe(person: Person) -> Iterator[tuple[str, float]]:
    """The targets of a person and how much of each; names of targets that do not exist are zero ones."""
    sexes = {"female": 1.0 - person.male, "male": person.male}
    ages = {"young": 1.0 - person.age, "old": person.age}
    builds = list(product(thirds(person.muscle, "muscle").items(), thirds(person.weight, "weight").items()))
    sizes = thirds(person.height, "height")
    bodies = {
        "uncommonproportions": max(0.0, 1.0 - 2.0 * person.proportions),
        "idealproportions": max(0.0, 2.0 * person.proportions - 1.0),
    }
    breasts = list(product(thirds(person.cup, "cup").items(), thirds(person.firmness, "firmness").items()))
    for (sex, of_sex), (age, of_age) in product(sexes.items(), ages.items()):
        for origin, share in zip(ORIGINS, person.origins, strict=True):
            yield f"macrodetails/{origin}-{sex}-{age}", of_sex * of_age * share
        for (muscle, of_muscle), (weight, of_weight) in builds:
            share = of_sex * of_age * of_muscle * of_weight
            who = f"{sex}-{age}-{muscle}-{weight}"
            yield f"macrodetails/universal-{who}", share
            for size in ("minheight", "maxheight"):
                yield f"macrodetails/height/{who}-{size}", share * sizes[size]
            for body, of_body in bodies.items():
                yield f"macrodetails/proportions/{who}-{body}", share * of_body
            for (cup, of_cup), (firmness, of_firmness) in breasts if sex == "female" else []:
                yield f"breast/{who}-{cup}-{firmness}", share * of_cup * of_firmness


def surfaces(people: list[Person], source: Source, base: Array) -> Array:
    """(N, V, 3) float32 metres: the people's base meshes with all helpers. base: (V, 3) metres.

    Raises SourceError when the wheel's targets are damaged.
    """
    amounts: dict[str, Array] = {}
    for row, person in enumerate(people):
        for name, amount in recipe(person):
            if amount > 0.0:
                amounts.setdefault(name, np.zeros(len(people), np.float32))[row] += amount
    names = [name for name in sorted(amounts) if source.has(f"targets/{name}.target.gz")]
    offsets = np.stack([source.target(name, len(base)).reshape(-1) for name in names])
    shares = np.stack([amounts[name] for name in names], axis=1)
    result = shares @ offsets
    result += base.astype(np.float32).reshape(-1)
    return result.reshape(len(people), *base.shape)
