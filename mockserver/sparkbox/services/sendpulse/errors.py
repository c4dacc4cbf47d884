"""SendPulse's errors: https://sendpulse.com/integrations/api#errors and the examples in its OpenAPI documents.

The body is ``{"message", "error_code"}``. The vendor's table has no HTTP statuses: 422 is what most documented examples
have. Rows whose status or situation we inferred are ``assumed``.
"""

from __future__ import annotations

from typing import Any

from sparkbox.core.declare.errors import Error, ErrorTable

ERRORS = ErrorTable("sendpulse", docs="https://sendpulse.com/integrations/api#errors")
PHP_ISSUE = "https://github.com/sendpulse/sendpulse-rest-api-php/issues/{}"


def _row(name: str, status: int, code: int | None, message: str, cause: str, **more: Any) -> Error:
    """Declare an error; ``cause`` says how a request brings it about."""
    return ERRORS.row(name, status, message, code=code, cause=cause, **more)


def _observed(name: str, status: int, code: int | None, message: str, cause: str, **more: Any) -> Error:
    return _row(name, status, code, message, cause, evidence="observed", **more)


def _assumed(name: str, status: int, code: int | None, message: str, cause: str, **more: Any) -> Error:
    return _row(name, status, code, message, cause, evidence="assumed", **more)


# Errors of any operation.
UNAUTHORIZED = _row("unauthorized", 401, 401, "Unauthorized!", "No token, or one that expired or was not issued here.")
INVALID_OPERATION = _observed(
    "invalid_operation",
    403,
    800,
    "Invalid operation",
    "Sending from a suspended account: the `suspended` switch under `/_mock/accounts`.",
    docs=PHP_ISSUE.format(75),
)
NOT_FOUND = _assumed("not_found", 404, 404, "Not Found", "A path that the API does not have.")
METHOD_NOT_ALLOWED = _assumed("method_not_allowed", 405, 405, "Method Not Allowed", "A method that the path lacks.")
TOO_LARGE = _assumed("too_large", 413, 413, "Request Entity Too Large", "A body of more than 20 MiB.")
BADLY_FORMED = _observed(
    "badly_formed",
    422,
    21356,
    "Badly formed data. Check API documentation",
    "A body that cannot be read as what its content type says.",
    docs=PHP_ISSUE.format(69),
)
ARGUMENT_MISSING = _row("argument_missing", 422, 422, "Argument {name} missing", "A required parameter left out.")
ARGUMENT_INVALID = _row(
    "argument_invalid", 422, 422, "Argument {name} {complaint}", "A parameter of the wrong type or range."
)
TOO_MANY_PER_SECOND = _assumed(
    "too_many_per_second", 429, 2020202020, "More than 10 requests per second", "An eleventh request in a second."
)
TOO_MANY_REQUESTS = _row(
    "too_many_requests", 429, 429, "Too many requests", "The quota of the minute or the day is used up."
)
CRASHED = _assumed("internal_error", 500, 500, "Internal Server Error", "A fault, or a mistake of the sandbox.")
UNAVAILABLE = _assumed("unavailable", 503, 503, "Service Unavailable", "A fault.")

# Tokens: the shape of https://oauth2.thephpleague.com/, on which the vendor's token endpoint is built.
INVALID_CLIENT = _observed(
    "invalid_client",
    401,
    None,
    "Client authentication failed",
    "A client id or secret that is wrong. Clients compare `error`.",
    extra={"error": "invalid_client", "error_description": "Client authentication failed"},
)
UNSUPPORTED_GRANT = _assumed(
    "unsupported_grant_type",
    400,
    None,
    "The authorization grant type is not supported by the authorization server.",
    "A `grant_type` other than `client_credentials`.",
    extra={
        "error": "unsupported_grant_type",
        "error_description": "The authorization grant type is not supported by the authorization server.",
    },
)

# Mailing lists and their e-mails.
LIST_NAME_EMPTY = _assumed("list_name_empty", 422, 201, "Empty mailing list name", "A name of nothing but white space.")
LIST_NAME_TAKEN = _row("list_name_taken", 422, 203, "Name already in use", "A name that is taken.")
LIST_EMPTY = _row("list_empty", 422, 211, "Addressbook is empty", "The cost of sending to nobody.")
LIST_NOT_FOUND = _row("list_not_found", 404, 213, "Book not found", "A mailing list id that is unknown.")
VARIABLE_NOT_FOUND = _row("variable_not_found", 404, 299, "Variable not found", "A variable that the list lacks.")
VARIABLE_NAME_INVALID = _row("variable_name_invalid", 422, 422, "Variable name is invalid", "More than 100 characters.")
VARIABLE_VALUE_INVALID = _row(
    "variable_value_invalid", 422, 422, "Variable value wrong format", "A date variable, and no `YYYY-MM-DD`."
)
NO_EMAILS_TO_DELETE = _row("no_emails_to_delete", 422, 303, "No emails", "None of the e-mails is in the mailing list.")
TOO_MANY_TO_DELETE = _row(
    "too_many_to_delete", 422, 422, "Limit is exceeded. Max count: 100", "Deleting more than 100 e-mails at once."
)
NO_ACTIVE_EMAILS = _row(
    "no_active_emails", 422, 422, "Active emails not found", "None of the e-mails is active in the list."
)
OPT_IN_SENDER_NOT_FOUND = _row(
    "opt_in_sender_not_found", 422, 1003, "Sender not found", "A sender that is not active; in the strict profile."
)
PLAN_DENIED = _row(
    "plan_denied", 403, 3030303030, "Access denied! Please change your tariff plan", "More than the `plan` allows."
)
PLAN_ENDED = _row("plan_ended", 422, 422, "Your tariff plan ended", "The simulated `plan` has `ended`.")
PHONE_INVALID = _row("phone_invalid", 422, 422, "Phone is not valid", "A phone that is no phone number.")
PHONE_EMAIL_INVALID = _row("phone_email_invalid", 422, 17, "Email is not valid", "An e-mail that is not in the list.")
CONTACT_NOT_FOUND = _row("contact_not_found", 422, 502, "Email address not found", "An e-mail that is not in the list.")

# Looked up across mailing lists.
LISTED_EMAIL_NOT_FOUND = _assumed(
    "listed_email_not_found", 404, 502, "Can’t find the email address", "An e-mail that is not in the mailing list."
)
EMAIL_NOT_FOUND = _assumed(
    "email_not_found", 404, 17, "Can’t find the email address", "An e-mail that is in no mailing list."
)
EMAIL_MISSING = _assumed("email_missing", 422, 1101, "Email address not specified", "An e-mail address left out.")
EMAIL_SYNTAX = _assumed("email_syntax", 422, 906, "Email address syntax error", "Something that is no e-mail address.")
NO_DATA = _assumed("no_data", 422, 8, "No data", "An empty list of e-mail addresses.")

# Senders.
SENDER_NAME_EMPTY = _assumed(
    "sender_name_empty", 422, 901, "Sender name not specified", "A name of nothing but white space."
)
SENDER_EMAIL_EMPTY = _assumed(
    "sender_email_empty", 422, 903, "Sender email address not specified", "An address that is empty or left out."
)
SENDER_TAKEN = _row("sender_taken", 422, 902, "Email already in use", "A sender that there is already.")
SENDER_BLACKLISTED = _row("sender_blacklisted", 422, 904, "This email in blacklist", "An address on the blacklist.")
SENDER_DMARC = _row(
    "sender_dmarc",
    422,
    422,
    "DMARC policy error. Please, use another sender domain.",
    "A sender of a domain whose policy lets nobody else send for it: one that begins with `dmarc.`.",
    docs="https://sendpulse.com/integrations/api/smtp",
)
SENDER_QUOTA = _assumed(
    "sender_quota", 422, 905, "Sender address quota reached", "More senders than the plan has: 50, 200 or 1,000."
)
SENDER_FREE = _assumed(
    "sender_free",
    422,
    97,
    "Invalid email address type. Using free email services is not allowed.",
    "Adding a sender at a free mail provider.",
)
SENDER_NOT_FOUND = _assumed("sender_not_found", 422, 1003, "The specified sender doesn’t exist", "An unknown sender.")
CODE_SENT = _assumed(
    "code_sent", 422, 1004, "The activation code has been sent. Wait 15 minutes to retry", "Twice within 15 minutes."
)
CODE_NOT_SENT = _assumed(
    "code_not_sent", 422, 1005, "Error sending confirmation", "An address whose domain ends in `.invalid`."
)
CODE_MISSING = _assumed("code_missing", 422, 1104, "Activation code not specified", "Activation without code.")
NOTHING_TO_ACTIVATE = _assumed(
    "nothing_to_activate", 422, 21, "No such email address awaiting activation", "It is active already, or unknown."
)

# The SMTP service.
FROM_MISSING = _row("from_missing", 422, 10, "Argument from.email missing", "A mail without sender.")
FROM_INVALID = _row("from_invalid", 422, 10, "Argument from.email is invalid", "A sender that is no e-mail address.")
TO_INVALID = _row("to_invalid", 422, 11, "Argument email.to is invalid", "A mail without recipients.")
SUBJECT_MISSING = _row("subject_missing", 422, 12, "Argument subject missing", "A mail without subject.")
BODY_MISSING = _row("body_missing", 422, 13, "Missed email body", "Neither html nor text nor template.")
TEMPLATE_ID_MISSING = _row("template_id_missing", 422, 10, "Argument template.id missing", "A template without id.")
TEMPLATE_NOT_FOUND = _row("template_not_found", 422, 31, "Template not found", "Sending a template that is unknown.")
TEMPLATE_VARIABLES = _row(
    "template_variables", 422, 731, "Variables list passed in wrong format", "Variables that are no object."
)
RECIPIENT_INVALID = _row(
    "recipient_invalid", 422, 422, "Recipient email is invalid", "A recipient that is no e-mail address."
)
TOO_MANY_RECIPIENTS = _row(
    "too_many_recipients", 422, 550, "5.5.3 Too many recipients", "More than 500 recipients in one mail."
)
MESSAGE_TOO_LARGE = _row("message_too_large", 422, 422, "Message size limit exceeded", "A mail of more than 10 MiB.")
DATA_MALFORMED = _row("data_malformed", 422, 999, "Badly formed incoming data", "An `email` that cannot be read.")
SENDER_INVALID = _row(
    "sender_invalid", 422, 422, "Sender is not valid", "Sending from an inactive sender; in the strict profile."
)
FREE_SERVICE = _assumed(
    "free_service", 422, 20, "Using free email services (not allowed)", "A sender or domain of a free mail provider."
)
SENDING_LIMITED = _row(
    "sending_limited",
    422,
    422,
    "Sending from your account is currently limited. Please try later.",
    "The simulation `plan` with `limited`; or a quarter of a million mails wait, because the clock stands still.",
)
QUOTA_EXCEEDED = _row(
    "quota_exceeded", 422, 422, "Sending quota or bandwidth exceeded", "The month's mails of the `plan` are used up."
)
NO_SMTP_USER = _row(
    "no_smtp_user",
    422,
    400,
    "No such SMTP user, you need to create SMTP account first",
    "An account whose plan has no SMTP service: the simulation `plan` with `smtp` `none`.",
)
ACCOUNT_EXPIRED = _row(
    "account_expired", 403, 403, "Account expired", "Sending while `smtp` of the simulated `plan` is `expired`."
)
PLAN_LACKS = _row(
    "plan_lacks", 422, 422, "Your tariff does not allow the operation", "`smtp` of the simulated `plan` is `expired`."
)
SMTP_EMAIL_NOT_FOUND = _row("smtp_email_not_found", 400, 14, "No such email", "A mail id that is unknown.")
SMTP_EMAILS_NOT_FOUND = _row("smtp_emails_not_found", 400, 14, "No such emails", "Mail ids none of which is known.")
SMTP_EMAILS_INVALID = _row(
    "smtp_emails_invalid", 400, 832, "Emails param empty or incorrect", "No list of 1 to 500 mail ids."
)
UNSUBSCRIBE_EMPTY = _row("unsubscribe_empty", 400, 14, "Empty emails", "A list without e-mails.")
SEARCH_EMPTY = _row("search_empty", 422, 422, "Empty email parameter", "Searching the unsubscribe list for nothing.")
SEARCH_INVALID = _row("search_invalid", 422, 422, "Wrong email parameter", "Something that is no e-mail address.")
NOT_UNSUBSCRIBED = _row("not_unsubscribed", 422, 422, "Blocked email not found", "An address that is not unsubscribed.")
NO_SMTP_USER_TO_RESUBSCRIBE = _row(
    "no_smtp_user_to_resubscribe", 422, 503, "Smtp user not found", "`smtp` of the simulated `plan` is `none`."
)
RESUBSCRIBED_ENOUGH = _row(
    "resubscribed_enough", 422, 422, "No more than 5 are allowed per day", "A sixth resubscription in a day."
)
DOMAIN_TAKEN = _assumed("domain_taken", 422, 19, "Email address already exists", "A sender domain that exists.")

# Webhooks.
WEBHOOK_NOT_FOUND = _assumed("webhook_not_found", 404, 404, "Webhook not found", "A webhook id that is unknown.")
