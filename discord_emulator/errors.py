"""Discord's REST API errors: an HTTP status, a JSON error code, a message and, for forms, a tree.

Codes: https://discord.com/developers/docs/topics/opcodes-and-status-codes#json
"""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


class ApiError(Exception):
    """An error; the REST layer converts it to a response."""

    def __init__(
        self, status: int, code: int, message: str, *, errors: Json | None = None, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(f"{status} {code}: {message}" + (f" {errors}" if errors else ""))
        self.status = status
        self.code = code
        self.message = message
        self.errors = errors
        self.headers = headers or {}

    def body(self) -> Json:
        """Return the error's JSON body."""
        body: Json = {"message": self.message, "code": self.code}
        if self.errors:
            body["errors"] = self.errors
        return body


class UsageError(ValueError):
    """A user (or a test) attempted what Discord's own client would not allow."""


class InteractionFailed(Exception):  # noqa: N818 - the name that Discord shows its users: "This interaction failed"
    """The bot did not answer in time, or answered incorrectly."""


def form_error(errors: Json) -> ApiError:
    """Return 50035 with the tree of errors."""
    return ApiError(400, 50035, "Invalid Form Body", errors=errors)


def unauthorized() -> ApiError:
    """Return the error for a missing or wrong token."""
    return ApiError(401, 0, "401: Unauthorized")


def locked() -> ApiError:
    """Return the error for a page without the key."""
    return ApiError(401, 0, "This page is locked: open the address that Melicon printed in its terminal.")


def timed_out() -> ApiError:
    """Return the error for a request whose body does not arrive."""
    return ApiError(408, 0, "408: Request Timeout")


def not_found() -> ApiError:
    """Return the error for an unknown route."""
    return ApiError(404, 0, "404: Not Found")


def too_large() -> ApiError:
    """Return the error for a file over the upload limit."""
    return ApiError(413, 40005, "Request entity too large")


def bad_json() -> ApiError:
    """Return the error for a body that is not JSON."""
    return ApiError(400, 50109, "The request body contains invalid JSON.")


def empty_message() -> ApiError:
    """Return the error for a message without content, embeds, files, stickers or components."""
    return ApiError(400, 50006, "Cannot send an empty message")


def missing_access() -> ApiError:
    """Return the error for an invisible resource."""
    return ApiError(403, 50001, "Missing Access")


def missing_permissions() -> ApiError:
    """Return the error for a missing permission."""
    return ApiError(403, 50013, "Missing Permissions")


_UNKNOWN = {
    "application": (10002, "Unknown Application"),
    "channel": (10003, "Unknown Channel"),
    "guild": (10004, "Unknown Guild"),
    "member": (10007, "Unknown Member"),
    "message": (10008, "Unknown Message"),
    "role": (10011, "Unknown Role"),
    "user": (10013, "Unknown User"),
    "emoji": (10014, "Unknown Emoji"),
    "webhook": (10015, "Unknown Webhook"),
    "interaction": (10062, "Unknown interaction"),
    "command": (10063, "Unknown application command"),
}


def unknown(what: str) -> ApiError:
    """Return the 404 for a missing resource, e.g. ``unknown("message")`` is 10008."""
    code, message = _UNKNOWN[what]
    return ApiError(404, code, message)


def already_acknowledged() -> ApiError:
    """Return the error for a second callback."""
    return ApiError(400, 40060, "Interaction has already been acknowledged.")


def too_many_followups() -> ApiError:
    """Return the error for exceeding the limit of followups without an installation."""
    message = "This interaction webhook has reached its maximum number of follow up messages"
    return ApiError(400, 40094, message)


def invalid_webhook_token() -> ApiError:
    """Return the error for an interaction token that is wrong or older than 15 minutes."""
    return ApiError(401, 50027, "Invalid Webhook Token")
