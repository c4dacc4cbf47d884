"""SendPulse's errors: https://sendpulse.com/integrations/api#errors and the examples in its OpenAPI documents.

The body is ``{"message", "error_code"}``. The vendor's general table gives no HTTP status: 422 is what its documented
examples mostly have, and rows whose status or situation is our inference are ``assumed``.
"""

from __future__ import annotations

from sparkbox.core.declare.errors import ErrorTable

ERRORS = ErrorTable("sendpulse", docs="https://sendpulse.com/integrations/api#errors")
_row = ERRORS.row

# What any operation may answer.
UNAUTHORIZED = _row(
    "unauthorized", 401, "Unauthorized!", code=401,
    cause="No token, an expired one, or one that this sandbox did not issue.",
)  # fmt: skip
INVALID_OPERATION = _row(
    "invalid_operation", 403, "Invalid operation", code=800, evidence="observed",
    cause="Sending from a suspended account: the `suspended` switch under `/_mock/accounts`.",
    docs="https://github.com/sendpulse/sendpulse-rest-api-php/issues/75",
)  # fmt: skip
NOT_FOUND = _row(
    "not_found", 404, "Not Found", code=404, cause="A path that the API does not have.", evidence="assumed"
)
METHOD_NOT_ALLOWED = _row(
    "method_not_allowed", 405, "Method Not Allowed", code=405, cause="A method that the path does not take.",
    evidence="assumed",
)  # fmt: skip
TOO_LARGE = _row(
    "too_large", 413, "Request Entity Too Large", code=413, cause="A body of more than 20 MiB.", evidence="assumed"
)
BADLY_FORMED = _row(
    "badly_formed", 422, "Badly formed data. Check API documentation", code=21356, evidence="observed",
    cause="A body that cannot be read as what its content type says.",
    docs="https://github.com/sendpulse/sendpulse-rest-api-php/issues/69",
)  # fmt: skip
ARGUMENT_MISSING = _row(
    "argument_missing", 422, "Argument {name} missing", code=422, cause="A required parameter left out."
)
ARGUMENT_INVALID = _row(
    "argument_invalid", 422, "Argument {name} {complaint}", code=422, cause="A parameter of the wrong type or range."
)
TOO_MANY_PER_SECOND = _row(
    "too_many_per_second", 429, "More than 10 requests per second", code=2020202020, evidence="assumed",
    cause="An eleventh request within a second. The code is documented, its HTTP status is not.",
)  # fmt: skip
TOO_MANY_REQUESTS = _row(
    "too_many_requests", 429, "Too many requests", code=429, cause="The plan's quota a minute or a day is used up."
)
CRASHED = _row(
    "internal_error", 500, "Internal Server Error", code=500, cause="A fault, or a mistake of the sandbox.",
    evidence="assumed",
)  # fmt: skip
UNAVAILABLE = _row("unavailable", 503, "Service Unavailable", code=503, cause="A fault.", evidence="assumed")

# Tokens: the shape of https://oauth2.thephpleague.com/, on which the vendor's token endpoint is built.
INVALID_CLIENT = _row(
    "invalid_client", 401, "Client authentication failed", evidence="observed",
    cause="A client id or secret that is wrong. Clients compare `error` and ask again for anything else.",
    extra={"error": "invalid_client", "error_description": "Client authentication failed"},
)  # fmt: skip
UNSUPPORTED_GRANT = _row(
    "unsupported_grant_type", 400, "The authorization grant type is not supported by the authorization server.",
    evidence="assumed", cause="A `grant_type` other than `client_credentials`.",
    extra={
        "error": "unsupported_grant_type",
        "error_description": "The authorization grant type is not supported by the authorization server.",
    },
)  # fmt: skip

# Mailing lists and their e-mails.
LIST_NAME_EMPTY = _row(
    "list_name_empty", 422, "Empty mailing list name", code=201, cause="A name of nothing but white space.",
    evidence="assumed",
)  # fmt: skip
LIST_NAME_TAKEN = _row("list_name_taken", 422, "Name already in use", code=203, cause="A name that is taken.")
LIST_EMPTY = _row("list_empty", 422, "Addressbook is empty", code=211, cause="The cost of sending to nobody.")
LIST_NOT_FOUND = _row("list_not_found", 404, "Book not found", code=213, cause="A mailing list id that is unknown.")
VARIABLE_NOT_FOUND = _row(
    "variable_not_found", 404, "Variable not found", code=299, cause="A variable that the mailing list does not have."
)
VARIABLE_NAME_INVALID = _row(
    "variable_name_invalid", 422, "Variable name is invalid", code=422, cause="A name of more than 100 characters."
)
VARIABLE_VALUE_INVALID = _row(
    "variable_value_invalid", 422, "Variable value wrong format", code=422,
    cause="Searching a date variable for something else than `YYYY-MM-DD`.",
)  # fmt: skip
NO_EMAILS_TO_DELETE = _row(
    "no_emails_to_delete", 422, "No emails", code=303, cause="Deleting e-mails none of which is in the mailing list."
)
TOO_MANY_TO_DELETE = _row(
    "too_many_to_delete", 422, "Limit is exceeded. Max count: 100", code=422,
    cause="Deleting more than 100 e-mails at once.",
)  # fmt: skip
NO_ACTIVE_EMAILS = _row(
    "no_active_emails", 422, "Active emails not found", code=422,
    cause="Unsubscribing e-mails none of which is active in the mailing list.",
)  # fmt: skip
OPT_IN_SENDER_NOT_FOUND = _row(
    "opt_in_sender_not_found", 422, "Sender not found", code=1003,
    cause="A double opt-in from a sender that is not active; in the strict profile.",
)  # fmt: skip
PLAN_DENIED = _row(
    "plan_denied", 403, "Access denied! Please change your tariff plan", code=3030303030,
    cause="More than the `records` that the simulation `plan` allows; also tags on a "
    "plan that it made `free`, or more subscribers than the plan that it set has.",
)  # fmt: skip
PLAN_ENDED = _row(
    "plan_ended",
    422,
    "Your tariff plan ended",
    code=422,
    cause="The cost of a campaign once the plan has ended: the simulation `plan` with `ended`.",
)
PHONE_INVALID = _row("phone_invalid", 422, "Phone is not valid", code=422, cause="A phone that is no phone number.")
PHONE_EMAIL_INVALID = _row(
    "phone_email_invalid", 422, "Email is not valid", code=17,
    cause="The phone of an e-mail that is left out or not in the mailing list.",
)  # fmt: skip
CONTACT_NOT_FOUND = _row(
    "contact_not_found", 422, "Email address not found", code=502,
    cause="Variables for an e-mail that is not in the mailing list.",
)  # fmt: skip

# Looked up across mailing lists.
LISTED_EMAIL_NOT_FOUND = _row(
    "listed_email_not_found", 404, "Can’t find the email address", code=502, evidence="assumed",
    cause="An e-mail that is not in this mailing list.",
)  # fmt: skip
EMAIL_NOT_FOUND = _row(
    "email_not_found", 404, "Can’t find the email address", code=17, evidence="assumed",
    cause="An e-mail that is in no mailing list.",
)  # fmt: skip
EMAIL_MISSING = _row(
    "email_missing", 422, "Email address not specified", code=1101, evidence="assumed",
    cause="No e-mail address where one is needed.",
)  # fmt: skip
EMAIL_SYNTAX = _row(
    "email_syntax", 422, "Email address syntax error", code=906, evidence="assumed",
    cause="Something that is no e-mail address.",
)  # fmt: skip
NO_DATA = _row("no_data", 422, "No data", code=8, evidence="assumed", cause="An empty list of e-mail addresses.")

# Senders.
SENDER_NAME_EMPTY = _row(
    "sender_name_empty", 422, "Sender name not specified", code=901, evidence="assumed",
    cause="A sender's name of nothing but white space.",
)  # fmt: skip
SENDER_EMAIL_EMPTY = _row(
    "sender_email_empty", 422, "Sender email address not specified", code=903, evidence="assumed",
    cause="A sender's address that is empty, or left out when one is deleted.",
)  # fmt: skip
SENDER_TAKEN = _row("sender_taken", 422, "Email already in use", code=902, cause="A sender that there is already.")
SENDER_BLACKLISTED = _row(
    "sender_blacklisted", 422, "This email in blacklist", code=904, cause="A sender whose address is blacklisted."
)
SENDER_DMARC = _row(
    "sender_dmarc", 422, "DMARC policy error. Please, use another sender domain.", code=422,
    cause="A sender of a domain whose policy lets nobody else send for it: one that begins with `dmarc.`.",
    docs="https://sendpulse.com/integrations/api/smtp",
)  # fmt: skip
SENDER_QUOTA = _row(
    "sender_quota", 422, "Sender address quota reached", code=905, evidence="assumed",
    cause="More senders than the plan allows: 50, 200 or 1,000.",
)  # fmt: skip
SENDER_FREE = _row(
    "sender_free", 422, "Invalid email address type. Using free email services is not allowed.", code=97,
    evidence="assumed", cause="Adding a sender at a free mail provider.",
)  # fmt: skip
SENDER_NOT_FOUND = _row(
    "sender_not_found", 422, "The specified sender doesn’t exist", code=1003, evidence="assumed",
    cause="A sender that was not added.",
)  # fmt: skip
CODE_SENT = _row(
    "code_sent", 422, "The activation code has been sent. Wait 15 minutes to retry", code=1004, evidence="assumed",
    cause="Asking for an activation code twice within 15 minutes.",
)  # fmt: skip
CODE_NOT_SENT = _row(
    "code_not_sent", 422, "Error sending confirmation", code=1005, evidence="assumed",
    cause="An activation code for an address that cannot get mail: its domain ends in `.invalid`.",
)  # fmt: skip
CODE_MISSING = _row(
    "code_missing",
    422,
    "Activation code not specified",
    code=1104,
    evidence="assumed",
    cause="Activation without code.",
)
NOTHING_TO_ACTIVATE = _row(
    "nothing_to_activate", 422, "No such email address awaiting activation", code=21, evidence="assumed",
    cause="An activation code for a sender or domain that is active already, or was not added.",
)  # fmt: skip

# The SMTP service.
FROM_MISSING = _row("from_missing", 422, "Argument from.email missing", code=10, cause="A mail without sender.")
FROM_INVALID = _row(
    "from_invalid", 422, "Argument from.email is invalid", code=10, cause="A sender that is no e-mail address."
)
TO_INVALID = _row("to_invalid", 422, "Argument email.to is invalid", code=11, cause="A mail without recipients.")
SUBJECT_MISSING = _row("subject_missing", 422, "Argument subject missing", code=12, cause="A mail without subject.")
BODY_MISSING = _row("body_missing", 422, "Missed email body", code=13, cause="Neither html nor text nor template.")
TEMPLATE_ID_MISSING = _row(
    "template_id_missing", 422, "Argument template.id missing", code=10, cause="A template without id."
)
TEMPLATE_NOT_FOUND = _row(
    "template_not_found", 422, "Template not found", code=31, cause="Sending a template that is unknown."
)
TEMPLATE_VARIABLES = _row(
    "template_variables", 422, "Variables list passed in wrong format", code=731,
    cause="Template variables that are no object.",
)  # fmt: skip
RECIPIENT_INVALID = _row(
    "recipient_invalid", 422, "Recipient email is invalid", code=422, cause="A recipient that is no e-mail address."
)
TOO_MANY_RECIPIENTS = _row(
    "too_many_recipients", 422, "5.5.3 Too many recipients", code=550, cause="More than 500 recipients in one mail."
)
MESSAGE_TOO_LARGE = _row(
    "message_too_large", 422, "Message size limit exceeded", code=422, cause="A mail of more than 10 MiB."
)
DATA_MALFORMED = _row(
    "data_malformed", 422, "Badly formed incoming data", code=999, cause="An `email` that cannot be read."
)
SENDER_INVALID = _row(
    "sender_invalid", 422, "Sender is not valid", code=422,
    cause="Sending from an address that is no active sender; in the strict profile.",
)  # fmt: skip
FREE_SERVICE = _row(
    "free_service", 422, "Using free email services (not allowed)", code=20, evidence="assumed",
    cause="Sending from an address at a free mail provider, or adding such a domain.",
)  # fmt: skip
SENDING_LIMITED = _row(
    "sending_limited", 422, "Sending from your account is currently limited. Please try later.", code=422,
    cause="The simulation `plan` with `limited`; or a quarter of a million mails wait, because the clock stands still.",
)  # fmt: skip
QUOTA_EXCEEDED = _row(
    "quota_exceeded", 422, "Sending quota or bandwidth exceeded", code=422,
    cause="More mails in a month than the plan that the simulation `plan` set has, or than it leaves.",
)  # fmt: skip
NO_SMTP_USER = _row(
    "no_smtp_user", 422, "No such SMTP user, you need to create SMTP account first", code=400,
    cause="An account whose plan has no SMTP service: the simulation `plan` with `smtp` `none`.",
)  # fmt: skip
ACCOUNT_EXPIRED = _row(
    "account_expired",
    403,
    "Account expired",
    code=403,
    cause="Sending once the SMTP plan has ended: the simulation `plan` with `smtp` `expired`.",
)
PLAN_LACKS = _row(
    "plan_lacks", 422, "Your tariff does not allow the operation", code=422,
    cause="Looking up mails once the SMTP plan has ended: the simulation `plan` with `smtp` `expired`.",
)  # fmt: skip
SMTP_EMAIL_NOT_FOUND = _row("smtp_email_not_found", 400, "No such email", code=14, cause="A mail id that is unknown.")
SMTP_EMAILS_NOT_FOUND = _row(
    "smtp_emails_not_found", 400, "No such emails", code=14, cause="Mail ids none of which is known."
)
SMTP_EMAILS_INVALID = _row(
    "smtp_emails_invalid", 400, "Emails param empty or incorrect", code=832,
    cause="No list of mail ids, or more than 500 of them.",
)  # fmt: skip
UNSUBSCRIBE_EMPTY = _row(
    "unsubscribe_empty", 400, "Empty emails", code=14, cause="Nobody to unsubscribe, or to take off that list."
)
SEARCH_EMPTY = _row(
    "search_empty", 422, "Empty email parameter", code=422, cause="Searching the unsubscribe list for nothing."
)
SEARCH_INVALID = _row(
    "search_invalid", 422, "Wrong email parameter", code=422, cause="Searching it for what is no e-mail address."
)
NOT_UNSUBSCRIBED = _row(
    "not_unsubscribed", 422, "Blocked email not found", code=422,
    cause="Resubscribing an address that is not unsubscribed.",
)  # fmt: skip
NO_SMTP_USER_TO_RESUBSCRIBE = _row(
    "no_smtp_user_to_resubscribe", 422, "Smtp user not found", code=503,
    cause="Resubscribing in an account whose plan has no SMTP service: the simulation `plan` with `smtp` `none`.",
)  # fmt: skip
RESUBSCRIBED_ENOUGH = _row(
    "resubscribed_enough", 422, "No more than 5 are allowed per day", code=422, cause="A sixth resubscription in a day."
)
DOMAIN_TAKEN = _row(
    "domain_taken", 422, "Email address already exists", code=19, evidence="assumed",
    cause="Adding a sender domain that there is already.",
)  # fmt: skip

# Webhooks.
WEBHOOK_NOT_FOUND = _row(
    "webhook_not_found", 404, "Webhook not found", code=404, evidence="assumed", cause="A webhook id that is unknown."
)
