"""The control API's errors: ``{"error": {"code", "message", "details"}}``. The message says how to do it right."""

from __future__ import annotations

from sparkbox.core.declare.errors import ErrorTable

RESOURCES = (
    "health",
    "reset",
    "accounts",
    "messages",
    "requests",
    "events",
    "webhooks",
    "clock",
    "faults",
    "stubs",
    "limits",
    "state",
    "services",
    "ca",
    "openapi",
)

ERRORS = ErrorTable("control")
_row = ERRORS.row

# What any operation may answer.
FOREIGN_ORIGIN = _row(
    "foreign_origin",
    403,
    "A page of {origin} may not steer this sandbox. Only pages that {host} itself serves may; programs send no Origin.",
    cause="An `Origin` header of another host; on the services' own paths, one of the public internet.",
)
FOREIGN_HOST = _row(
    "foreign_host",
    421,
    "This sandbox is not called {host}: anybody's page could have such a name lead here. Call it by its address, as "
    "localhost or by a vendor's host; or name the host in the setting allowed_hosts (SPARKBOX_ALLOWED_HOSTS={name}).",
    cause="A `Host` of the public internet that is neither a vendor's nor allowed, on any path.",
)
UNKNOWN_PATH = _row(
    "unknown_path",
    404,
    f"The control API has no {{path}}; it has /_mock/ with {', '.join(RESOURCES)}.",
    code="not_found",
    cause="A path that the control API does not have.",
)
ID_UNREADABLE = _row(
    "id_unreadable",
    404,
    "{id} is no id of the sandbox's: they are whole numbers, as the lists show them.",
    code="not_found",
    cause="An id in the path that is no number.",
)
METHOD_NOT_ALLOWED = _row(
    "method_not_allowed",
    405,
    "{path} takes no {method}; the Allow header says what it takes.",
    cause="A method that the path does not take.",
)
TOO_LARGE = _row("too_large", 413, "The body is larger than 1 MiB.", cause="A body of more than 1 MiB.")
MALFORMED = _row("malformed", 400, "The body cannot be read: {reason}.", cause="A body that is not JSON.")
INVALID = _row("invalid", 422, "{reason}.", cause="A field or parameter that is unknown, missing or out of bounds.")
CRASHED = _row("crashed", 500, "The sandbox made a mistake; its log says which.", cause="A mistake of the sandbox.")
FULL = _row("full", 503, "No more can be kept; a reset makes room.", cause="More accounts, records or jobs than fit.")

# Accounts.
ACCOUNT_NOT_FOUND = _row(
    "account_not_found",
    404,
    "No account can be called {credential}: {rule}.",
    code="not_found",
    cause="An `account` that no credential could open.",
)
NO_SUCH_ACCOUNT = _row(
    "no_such_account",
    404,
    "There is no account {credential} yet: it is made with its first request.",
    code="not_found",
    cause="Copying or deleting an account that has not been used.",
)
CREDENTIAL_REFUSED = _row(
    "credential_refused",
    422,
    "No account can be called {credential}: {rule}.",
    code="invalid",
    cause="A new account's credential that does not begin with `mock-`.",
)
ACCOUNT_EXISTS = _row(
    "account_exists",
    409,
    "The account {credential} exists already; delete it first, or take another name.",
    cause="A new account's credential that is taken.",
)

# What is looked up.
GONE = _row(
    "gone",
    404,
    "The {noun} {id} is gone: it was deleted, cleared by a reset, or dropped to make room for newer ones.",
    code="not_found",
    cause="An id that was there once.",
)
NEVER_WAS = _row(
    "never_was",
    404,
    "There was no {noun} {id} yet; the newest one is {newest}.",
    code="not_found",
    cause="An id that is higher than all there were.",
)
OTHER_ACCOUNT = _row(
    "other_account",
    404,
    "The {noun} {id} is not one of the account {account}.",
    code="not_found",
    cause="An id of another account than the one that the call names.",
)
NO_SUCH_PART = _row(
    "no_such_part",
    404,
    "The message {id} has no {part}{reason}.",
    code="not_found",
    cause="A form of a message, or an attachment, that it does not have.",
)
FAULT_NOT_FOUND = _row(
    "fault_not_found",
    404,
    "There is no fault {id}; GET /_mock/faults lists those that are set.",
    code="not_found",
    cause="An id of no fault.",
)
TOO_MANY_FAULTS = _row(
    "too_many_faults",
    409,
    "{most} faults are set already; delete some with DELETE /_mock/faults.",
    cause="More than a thousand faults.",
)
STUB_NOT_FOUND = _row(
    "stub_not_found",
    404,
    "There is no stub {id}; GET /_mock/stubs lists those that are set.",
    code="not_found",
    cause="An id of no stub.",
)
TOO_MANY_STUBS = _row(
    "too_many_stubs",
    409,
    "{reason}; take some back with DELETE /_mock/stubs.",
    cause="More than a thousand stubs of one account, or more than 32 MiB of them.",
)
SERVICE_NOT_FOUND = _row(
    "service_not_found",
    404,
    "There is no service {name}; there are {names}.",
    code="not_found",
    cause="A name of no service.",
)
UNKNOWN_NAME = _row(
    "unknown_name",
    422,
    "{title} has no {noun} {value}; {hint}.",
    code="invalid",
    cause="A name of no operation, error or limit of the service.",
)
SIMULATION_NOT_FOUND = _row(
    "simulation_not_found",
    404,
    "{service} has no simulation {name}; GET /_mock/services/{service}/simulations lists what there is.",
    code="not_found",
    cause="A name of no simulation.",
)
SIMULATION_REFUSED = _row(
    "simulation_refused",
    422,
    "It cannot happen: {reason}.",
    code="invalid",
    cause="A simulation with a number, an address or an id that the service does not take.",
)
NO_AUTHORITY = _row(
    "no_authority",
    404,
    "This sandbox has no certificate authority: {reason}.",
    code="not_found",
    cause="A sandbox without TLS ports (in-process), or whose files cannot be written.",
)
NO_REPLAY = _row(
    "no_replay",
    404,
    "The delivery {id} cannot be posted again: its account is gone.",
    code="not_found",
    cause="A delivery of an account that was dropped.",
)
CLOCK_OUT_OF_RANGE = _row(
    "clock_out_of_range",
    422,
    "A clock shows times between the years 1970 and 9000.",
    code="invalid",
    cause="A time before 1970 or after 9000.",
)
