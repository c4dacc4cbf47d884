"""The exception of the template language, in the vendor's words."""

from __future__ import annotations

SYNTAX = "3000"
RENDER = "3001"


class TemplateError(Exception):
    """A template that cannot be compiled (`code` "3000") or rendered ("3001").

    `line` counts from 1 in the source given to `compile`. `message` is the end of the vendor's description, such as
    "syntax error near 'age'"; the caller puts "Error while compiling part text: line 4: " before it.
    """

    def __init__(self, code: str, line: int, message: str) -> None:
        super().__init__(f"line {line}: {message}")
        self.code = code
        self.line = line
        self.message = message


def syntax_error(line: int, message: str) -> TemplateError:
    """Return the error of a template that does not compile: code 3000."""
    return TemplateError(SYNTAX, line, message)


def render_error(line: int, message: str) -> TemplateError:
    """Return the error of a template that cannot be rendered with its data: code 3001."""
    return TemplateError(RENDER, line, message)


def missing_value(line: int, name: str | None, operation: str) -> TemplateError:
    """Return the error of an operation on a missing value. A missing value that is only written renders as nothing."""
    if name is None:
        return render_error(line, f"attempt to {operation} a null value")
    # Observed in a response of the real service, for a member of a missing object:
    # https://github.com/jeff-goldstein/sparkpost (the help page of the campaign tool).
    # assumed: the same for arithmetic, order and length.
    return render_error(line, f"substitution value '{name}' did not exist or was null")
