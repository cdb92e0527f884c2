"""Dataclasses from JSON, with every value of the annotated type (pydantic)."""

from __future__ import annotations

import json
import math
import reprlib
from collections.abc import Hashable
from functools import cache
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter, ValidationError

T = TypeVar("T")

LARGEST = 1e15  # of a number, either way


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def from_json_values(kind: type[T], data: dict[str, Any]) -> T:
    """Return the dataclass `kind` with the values in `data`, which came from JSON; unknown names are ignored.

    Raises ValueError, in a sentence for a person, for the first value that is missing or not of its field's type.
    Numbers must be finite.
    """
    for name, value in data.items():
        if isinstance(value, int | float) and not -LARGEST < value < LARGEST:
            shown = value if isinstance(value, float) and not math.isfinite(value) else reprlib.repr(value)
            raise ValueError(f"'{name}' is {shown}: it must be a number up to {LARGEST:g}")
    try:
        made: T = _adapter(cast("Hashable", kind)).validate_json(json.dumps(data), strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        name = ".".join(map(str, first["loc"]))
        message = first["msg"][0].lower() + first["msg"][1:]
        # without a location, the error is about the whole object
        raise ValueError(f"'{name}' is {reprlib.repr(first['input'])}: {message}" if name else message) from None
    return made
