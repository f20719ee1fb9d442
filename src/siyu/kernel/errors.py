"""The expected "no"."""

from typing import Any, ClassVar


class Refusal(Exception):
    """A use case declines, for a reason that the user can act on.

    `code` is stable (`broadcast.send_time_passed`), `status` the HTTP status, `params` what the sentence on screen needs.
    The HTTP edge turns it into problem+json; the console words it in the user's language.
    """

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 409

    def __init__(self, **params: Any) -> None:
        super().__init__(self.code, params)
        self.params = params

    def __str__(self) -> str:
        detail = ", ".join(f"{name}={value}" for name, value in self.params.items())
        return f"{self.code}({detail})" if detail else self.code


class NotFound(Refusal):
    """No such thing, or none that this actor may see."""

    code = "not_found"
    status = 404


class Forbidden(Refusal):
    """The actor lacks the permission named in `permission`."""

    code = "forbidden"
    status = 403


class Invalid(Refusal):
    """Input that cannot be meant; `field` and `reason` say where and why."""

    code = "invalid"
    status = 422
