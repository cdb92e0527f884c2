"""Strict JSON parsing: all errors are collected with their paths and reported together."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from discord_emulator.errors import Json, form_error

_SNOWFLAKE = re.compile(r"[0-9]{1,20}")
_LARGEST_SNOWFLAKE = 2**64


class Form:
    """The error tree of a body."""

    def __init__(self) -> None:
        self.errors: Json = {}

    def add(self, path: tuple[str | int, ...], code: str, message: str) -> None:
        """Record an error at `path`."""
        branch = self.errors
        for step in path:
            branch = branch.setdefault(str(step), {})
        branch.setdefault("_errors", []).append({"code": code, "message": message})

    def check(self) -> None:
        """Raise 50035 if there are errors."""
        if self.errors:
            raise form_error(self.errors)


class Node:
    """A JSON object at a path of the body; an invalid field is recorded and reads as None."""

    def __init__(self, data: Any, form: Form, path: tuple[str | int, ...] = ()) -> None:
        self.form = form
        self.path = path
        self.data: Json = data if isinstance(data, dict) else {}
        if not isinstance(data, dict):
            self.error("MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")

    def __contains__(self, key: str) -> bool:
        return self.data.get(key) is not None

    def error(self, code: str, message: str, *keys: str | int) -> None:
        """Record an error on this object or a field."""
        self.form.add((*self.path, *keys), code, message)

    def required(self, key: str) -> None:
        """Record a missing field."""
        self.error("BASE_TYPE_REQUIRED", "This field is required", key)

    def string(
        self, key: str, *, low: int = 0, high: int | None = None, required: bool = False, trim: bool = False
    ) -> str | None:
        """Read a string of `low`…`high` characters."""
        value = self.data.get(key)
        if value is None:
            if required:
                self.required(key)
            return None
        if isinstance(value, bool | int | float):
            value = str(value)  # Discord coerces numbers
        if not isinstance(value, str):
            self.error("STRING_TYPE_CONVERT", f'Could not interpret "{value}" as string.', key)
            return None
        if trim:
            value = value.strip()
        if required and low and not value:
            self.required(key)
        elif high is not None and low and not low <= len(value) <= high:
            self.error("BASE_TYPE_BAD_LENGTH", f"Must be between {low} and {high} in length.", key)
        elif high is not None and len(value) > high:
            self.error("BASE_TYPE_MAX_LENGTH", f"Must be {high} or fewer in length.", key)
        return value

    def integer(
        self, key: str, *, low: int | None = None, high: int | None = None, required: bool = False
    ) -> int | None:
        """Read an integer within `low`…`high`."""
        value = self.data.get(key)
        if value is None:
            if required:
                self.required(key)
            return None
        if isinstance(value, bool) or not isinstance(value, int):
            if not (isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,20}", value)):
                self.error("NUMBER_TYPE_COERCE", f'Value "{value}" is not int.', key)
                return None
            value = int(value)
        if low is not None and value < low:
            self.error("NUMBER_TYPE_MIN", f"int value should be greater than or equal to {low}.", key)
        elif high is not None and value > high:
            self.error("NUMBER_TYPE_MAX", f"int value should be less than or equal to {high}.", key)
        return value

    def choice(self, key: str, allowed: Collection[int], *, required: bool = False) -> int | None:
        """Read an integer that is one of `allowed`."""
        value = self.integer(key, required=required)
        if value is not None and value not in allowed:
            listed = ", ".join(str(item) for item in sorted(allowed))
            self.error("BASE_TYPE_CHOICES", f"Value must be one of {{{listed}}}.", key)
            return None
        return value

    def flag(self, key: str) -> bool:
        """Read a boolean; missing is false."""
        value = self.data.get(key)
        if value is None or isinstance(value, bool):
            return bool(value)
        self.error("BOOLEAN_TYPE_CONVERT", "Must be either true or false.", key)
        return False

    def snowflake(self, key: str, *, required: bool = False) -> int | None:
        """Read an id, given as a string or a number."""
        value = self.data.get(key)
        if value is None:
            if required:
                self.required(key)
            return None
        if isinstance(value, bool) or not _SNOWFLAKE.fullmatch(str(value)) or int(value) >= _LARGEST_SNOWFLAKE:
            self.error("NUMBER_TYPE_COERCE", f'Value "{value}" is not snowflake.', key)
            return None
        return int(value)

    def array(self, key: str, *, low: int = 0, high: int | None = None, required: bool = False) -> list[Any]:
        """Read a list of `low`…`high` items."""
        value = self.data.get(key)
        if value is None:
            if required:
                self.required(key)
            return []
        if not isinstance(value, list):
            self.error("LIST_TYPE_CONVERT", "Only iterables may be used in a ListType", key)
            return []
        if high is not None and not low <= len(value) <= high:
            if low:
                self.error("BASE_TYPE_BAD_LENGTH", f"Must be between {low} and {high} in length.", key)
            else:
                self.error("BASE_TYPE_MAX_LENGTH", f"Must be {high} or fewer in length.", key)
        return value

    def nodes(self, key: str, *, low: int = 0, high: int | None = None, required: bool = False) -> list[Node]:
        """Read a list of objects."""
        items = self.array(key, low=low, high=high, required=required)
        return [Node(item, self.form, (*self.path, key, index)) for index, item in enumerate(items)]

    def child(self, key: str, *, required: bool = False) -> Node | None:
        """Read an object."""
        if self.data.get(key) is None:
            if required:
                self.required(key)
            return None
        return Node(self.data[key], self.form, (*self.path, key))

    def url(self, key: str, *, schemes: Collection[str], required: bool = False) -> str | None:
        """Read a URL of one of the `schemes`, up to 2,048 characters."""
        value = self.string(key, high=2048, required=required)
        if value is None:
            return None
        scheme, found, rest = value.partition("://")
        if not found or not rest:
            self.error("URL_TYPE_INVALID_URL", "Not a well formed URL.", key)
        elif scheme.lower() not in schemes:
            listed = ", ".join(f"'{item}'" for item in sorted(schemes))
            self.error("URL_TYPE_INVALID_SCHEME", f'Scheme "{scheme}" must be one of ({listed}).', key)
        return value
