"""The errors Discord's REST API answers with: an HTTP status, a JSON error code, a message and, for forms, a tree.

Codes: https://discord.com/developers/docs/topics/opcodes-and-status-codes#json
"""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


class ApiError(Exception):
    """An answer other than success; the REST layer turns it into a response."""

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
        """Return the JSON body Discord would send."""
        body: Json = {"message": self.message, "code": self.code}
        if self.errors:
            body["errors"] = self.errors
        return body


class UsageError(ValueError):
    """A person (or a test) asked for what Discord's own client would not let them do."""


class InteractionFailed(Exception):  # noqa: N818 - the name that Discord shows its users: "This interaction failed"
    """The bot did not answer within Discord's time, or answered badly."""


def form_error(errors: Json) -> ApiError:
    """Return 50035 with the tree of what is wrong where."""
    return ApiError(400, 50035, "Invalid Form Body", errors=errors)


def unauthorized() -> ApiError:
    """Return the answer to a missing or wrong token."""
    return ApiError(401, 0, "401: Unauthorized")


def locked() -> ApiError:
    """Return the answer to a page that does not know the key."""
    return ApiError(401, 0, "This page is locked: open the address that Melicon printed in its terminal.")


def timed_out() -> ApiError:
    """Return the answer to a request whose body does not come."""
    return ApiError(408, 0, "408: Request Timeout")


def not_found() -> ApiError:
    """Return the answer to a route that does not exist."""
    return ApiError(404, 0, "404: Not Found")


def too_large() -> ApiError:
    """Return the answer to a file over the upload limit."""
    return ApiError(413, 40005, "Request entity too large")


def bad_json() -> ApiError:
    """Return the answer to a body that is not JSON."""
    return ApiError(400, 50109, "The request body contains invalid JSON.")


def empty_message() -> ApiError:
    """Return the answer to a message without content, embeds, files, stickers or components."""
    return ApiError(400, 50006, "Cannot send an empty message")


def missing_access() -> ApiError:
    """Return the answer to touching what one may not see."""
    return ApiError(403, 50001, "Missing Access")


def missing_permissions() -> ApiError:
    """Return the answer to doing what one may not do."""
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
    """Return the 404 of a thing that is not there, e.g. ``unknown("message")`` is 10008."""
    code, message = _UNKNOWN[what]
    return ApiError(404, code, message)


def already_acknowledged() -> ApiError:
    """Return the answer to a second callback."""
    return ApiError(400, 40060, "Interaction has already been acknowledged.")


def too_many_followups() -> ApiError:
    """Return the answer to one followup more than an app may send where it is not installed."""
    message = "This interaction webhook has reached its maximum number of follow up messages"
    return ApiError(400, 40094, message)


def invalid_webhook_token() -> ApiError:
    """Return the answer to an interaction token that is wrong or older than 15 minutes."""
    return ApiError(401, 50027, "Invalid Webhook Token")
