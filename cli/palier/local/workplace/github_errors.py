"""GitHub's errors, in its own shape."""

from __future__ import annotations

from palier.local.workplace.http import Reply

DOCS = "https://docs.github.com/rest"


class Refusal(Exception):
    """An answer that is an error."""

    def __init__(self, reply: Reply) -> None:
        self.reply = reply
        super().__init__(reply.status)


def error(status: int, message: str, **more: object) -> Refusal:
    """An error with its message."""
    headers = more.pop("headers", {})
    assert isinstance(headers, dict)
    return Refusal(Reply(status, {"message": message, "documentation_url": DOCS, **more}, headers))


def not_found() -> Refusal:
    """What is not there, or must not be seen."""
    return error(404, "Not Found")


def invalid(resource: str, field: str, message: str = "is not valid") -> Refusal:
    """A field that is wrong."""
    errors = [{"resource": resource, "field": field, "code": "custom", "message": f"{field} {message}"}]
    return error(422, "Validation Failed", errors=errors)
