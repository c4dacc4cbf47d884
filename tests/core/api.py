"""A small real service to test the core with: a post office that keeps letters, delivers them and writes receipts.

Its shapes: ``{"ok": true, "data": …}`` and ``{"ok": false, "error": {"name", "message", "code"}}``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from sparkbox.core.declare.credentials import Credentials
from sparkbox.core.declare.envelope import Envelope
from sparkbox.core.declare.errors import ApiError, ErrorTable
from sparkbox.core.declare.info import ServiceInfo
from sparkbox.core.declare.limits import Limit, Standing
from sparkbox.core.declare.operation import Operation, Operations, Reply
from sparkbox.core.declare.schema import Body
from sparkbox.core.declare.security import Credential
from sparkbox.core.declare.service import Service
from sparkbox.core.logs.events import Event
from sparkbox.core.request.http import Request, Response, json_response
from sparkbox.core.state.account import Account
from sparkbox.core.state.context import Context
from sparkbox.core.state.store import Record, Store, replace
from sparkbox.mail.message import MailMessage

DOCS = "https://post.example/docs"
KEY = "mock-post-key"

ERRORS = ErrorTable("post", docs=f"{DOCS}#errors")
UNAUTHORIZED = ERRORS.row("unauthorized", 401, "who are you?", cause="No key, or one that is refused.")
NO_PLACE = ERRORS.row("no_place", 404, "no such place", cause="A path that is unknown.")
NO_METHOD = ERRORS.row("no_method", 405, "{method} is not for {path}", cause="A method that the path does not take.")
MEDIA = ERRORS.row("media", 415, "letters are JSON", cause="Another content type.")
TOO_LARGE = ERRORS.row("too_large", 413, "too heavy", cause="More than 10,000 bytes.")
MALFORMED = ERRORS.row("malformed", 400, "unreadable", code=4000, cause="A body that is not JSON.")
INVALID = ERRORS.row("invalid", 422, "not like this", cause="A field of the wrong type.", evidence="observed")
THROTTLED = ERRORS.row("throttled", 429, "slower, please", cause="More requests than a limit allows.")
CRASHED = ERRORS.row("crashed", 500, "our mistake", cause="A mistake of the sandbox.", evidence="assumed")
CLOSED = ERRORS.row("closed", 503, "closed", cause="A fault.", evidence="assumed")
LETTER_UNKNOWN = ERRORS.row("letter_unknown", 404, "no letter {id}", code="L404", cause="An id that is unknown.")
BOX_FULL = ERRORS.row("box_full", 409, "full", description="the box of {to} is full", cause="To `full@example.com`.")
SECRET = ERRORS.row("secret", 403, "not for you", cause="Declared by no operation.")
FORBIDDEN = ERRORS.row("forbidden", 403, "not with this key", cause="A reader's key that writes.")

PER_MINUTE = Limit("per_minute", 100, 60)
READS = Limit("reads", 3, 10, shared=False)
A_DAY = Limit("a_day", 5, 86_400, window="fixed", evidence="assumed")

WRITES = "writes"
CHANNELS = ("email", "sms", "push")


class PostEnvelope(Envelope):
    """Says ``ok`` first."""

    unauthorized = UNAUTHORIZED
    not_found = NO_PLACE
    method_not_allowed = NO_METHOD
    unsupported_media_type = MEDIA
    too_large = TOO_LARGE
    malformed = MALFORMED
    invalid = INVALID
    throttled = THROTTLED
    crashed = CRASHED
    unavailable = CLOSED

    def success(self, ctx: Context, operation: Operation, payload: Any, status: int) -> Response:
        if status == 204:
            return Response(204, b"", [])
        return json_response(status, {"ok": True, "data": payload})

    def error(self, api_error: ApiError) -> Response:
        row = {"name": api_error.error.name, "message": api_error.message, "code": api_error.error.code}
        if api_error.description is not None:
            row["description"] = api_error.description
        return json_response(api_error.error.status, {"ok": False, "error": row})

    def limited(self, standing: Standing, now: float) -> ApiError:
        api_error = self.throttled()
        api_error.headers.append((b"retry-after", b"%d" % (standing.resets_at - now)))
        return api_error

    def finish(self, ctx: Context, response: Response) -> None:
        response.headers.append((b"x-post", ctx.service.name.encode()))

    def wrap_schema(self, schema: dict[str, Any], operation: Operation) -> dict[str, Any]:
        return {"type": "object", "required": ["ok", "data"], "properties": {"ok": {"const": True}, "data": schema}}

    def error_schema(self) -> dict[str, Any]:
        row = {
            "type": "object",
            "required": ["name", "message"],
            "properties": {"code": {"type": ["string", "integer"]}},
        }
        return {
            "type": "object",
            "required": ["ok", "error"],
            "properties": {"ok": {"const": False}, "error": row},
        }


class Letter(Record, frozen=True, gc=False):
    id: int
    to: str
    text: str
    state: str = "accepted"
    message: int = 0


class Note(Record, frozen=True, gc=False):
    id: str
    text: str


class Person(Body):
    address: str
    name: str | None = None


class NewLetter(Body):
    to: Person
    text: Annotated[str, Field(max_length=5000)]
    copies: Annotated[list[Person], Field(default_factory=list)]
    extra: Annotated[dict[str, Any], Field(default_factory=dict)]


class LetterChanges(Body):
    text: str | None = None


class LetterQuery(Body):
    state: Literal["accepted", "delivered"] | None = None
    size: Annotated[int, Field(ge=1, le=100)] = 10
    to: str | None = None


class NewNote(Body):
    text: str


class LetterId(TypedDict):
    id: int


class LetterFields(TypedDict):
    id: int
    to: str
    text: str
    state: Literal["accepted", "delivered"]
    extra: NotRequired[dict[str, Any]]


class NoteFields(TypedDict):
    box: str
    id: str
    text: str


letters = Operations("Letters", docs=f"{DOCS}/letters")


@letters.post("/v1/letters", status=201, errors=[BOX_FULL], tags=(WRITES,))
def send_letter(ctx: Context, body: NewLetter) -> LetterFields:
    """Send a letter.

    It is delivered a minute later.
    """
    if body.to.address == "full@example.com":
        raise BOX_FULL(to=body.to.address)
    message = ctx.capture(MailMessage(sender="post@example.com", to=body.to.address, text=body.text))
    letter = Letter(ctx.store[Letter].next_id(), body.to.address, body.text, message=message.number)
    ctx.store[Letter].put(letter)
    ctx.emit("accepted", {"id": letter.id, "to": letter.to}, message=message.number)
    ctx.call_in(60, deliver, letter.id)
    shown = fields(letter)
    if body.extra:
        shown["extra"] = body.extra
    return shown


def deliver(ctx: Context, id: int) -> None:
    """What the postman does."""
    letter = ctx.store[Letter].get(id)
    if letter is None:
        return
    ctx.store[Letter].put(replace(letter, state="delivered"))
    ctx.mark(letter.message, "delivered")
    ctx.emit("delivered", {"id": id, "to": letter.to}, message=letter.message)


@letters.get("/v1/letters")
def list_letters(ctx: Context, query: LetterQuery) -> list[LetterFields]:
    """List the letters."""
    found = [fields(letter) for letter in ctx.store[Letter].values() if query.state in (None, letter.state)]
    return found[: query.size]


@letters.get("/v1/letters/{letterId}", errors=[LETTER_UNKNOWN], limits=(PER_MINUTE, READS))
def get_letter(ctx: Context, letter_id: int) -> LetterFields:
    """Read a letter."""
    return fields(known(ctx, letter_id))


@letters.put("/v1/letters/{id}", errors=[LETTER_UNKNOWN], tags=(WRITES,))
def change_letter(ctx: Context, id: int, body: LetterChanges) -> LetterFields:
    """Change a letter."""
    letter = known(ctx, id)
    changed = replace(letter, text=letter.text if body.text is None else body.text)
    ctx.store[Letter].put(changed)
    return fields(changed)


@letters.delete("/v1/letters/{letterId}", status=204, errors=[LETTER_UNKNOWN], tags=(WRITES,))
def burn_letter(ctx: Context, letter_id: int) -> None:
    """Burn a letter."""
    known(ctx, letter_id)
    ctx.store[Letter].delete(letter_id)


def known(ctx: Context, id: int) -> Letter:
    letter = ctx.store[Letter].get(id)
    if letter is None:
        raise LETTER_UNKNOWN(id=id)
    return letter


def fields(letter: Letter) -> LetterFields:
    return {"id": letter.id, "to": letter.to, "text": letter.text, "state": letter.state}  # type: ignore[typeddict-item]


boxes = Operations("Boxes", docs=f"{DOCS}/boxes", evidence="observed")


@boxes.post("/v1/boxes/{box}/notes/{noteId}", limits=(A_DAY,))
def add_note(ctx: Context, box: str, note_id: str, body: NewNote) -> NoteFields:
    """Put a note into a box."""
    ctx.store[Note, box].put(Note(note_id, body.text))
    return {"box": box, "id": note_id, "text": body.text}


@boxes.get("/v1/boxes/{box}/notes")
def list_notes(ctx: Context, box: str) -> list[NoteFields]:
    """List the notes in a box."""
    return [{"box": box, "id": note.id, "text": note.text} for note in ctx.store[Note, box].values()]


@boxes.get("/v1/boxes/mine/notes/{noteId}", bare=True)
def read_note(ctx: Context, note_id: str) -> NoteFields:
    """Read a note, without the envelope."""
    return {"box": "mine", "id": note_id, "text": ""}


@boxes.post("/v1/keys", limits=(), also=(202,))
def make_key(ctx: Context) -> Reply:
    """Make a further key."""
    key = f"key-{ctx.ids.hex(8)}"
    ctx.sandbox.accounts.alias(key, ctx.account, "post")
    return Reply({"key": key}, 202, (("Location", f"/v1/keys/{key}"),))


@boxes.get("/v1/ping", public=True, limits=())
def ping(ctx: Context) -> dict[str, str]:
    """Say that the office is open."""
    return {"account": ctx.account.credential}


@boxes.post("/v1/visits", public=True, body_required=False)
def visit(ctx: Context, body: NewNote | None = None) -> str:
    """Come by, perhaps with a note."""
    return body.text if body is not None else "nothing"


trouble = Operations("Trouble", evidence="assumed")


@trouble.get("/v1/crash")
def crash(ctx: Context) -> None:
    """Fall over."""
    raise ZeroDivisionError("a mistake of ours")


@trouble.get("/v1/undeclared")
def undeclared(ctx: Context) -> None:
    """Refuse with what was not declared."""
    raise SECRET()


@trouble.get("/v1/misshapen")
def misshapen(ctx: Context) -> LetterId:
    """Answer something else than was declared."""
    return {"id": "one"}  # type: ignore[typeddict-item]


@trouble.get("/v1/surplus")
def surplus(ctx: Context) -> list[LetterId]:
    """Answer more than was declared."""
    return [{"id": 1, "colour": "red"}]  # type: ignore[typeddict-unknown-key]


@trouble.get("/v1/surprise")
def surprise(ctx: Context) -> Reply:
    """Answer with a status that was not declared."""
    return Reply(None, 203)


@trouble.get("/v1/file")
def read_file(ctx: Context) -> Response:
    """Hand out a file."""
    return Response(200, b"a,b\n1,2\n", [(b"content-type", b"text/csv")])


@trouble.post("/v1/blunder")
def blunder(ctx: Context) -> None:
    """Leave a job behind that fails."""
    ctx.call_in(5, stumble)


def stumble(ctx: Context) -> None:
    """A job that fails."""
    raise ZeroDivisionError("a job of ours")


def identify(request: Request, credentials: Credentials) -> Account | None:
    """``X-Key``, or the user name of Basic credentials."""
    basic = request.basic_credentials()
    key = basic[0] if basic else request.header(b"x-key")
    return credentials.open(key) if key else None


def authorize(ctx: Context, operation: Operation) -> None:
    """Some keys may only read."""
    if ctx.account.credential.startswith("mock-reader") and WRITES in operation.tags:
        raise FORBIDDEN()


def seed_account(account: Account, store: Store) -> None:
    """Every office has one letter lying around."""
    store[Letter].put(Letter(store[Letter].next_id(), "founder@example.com", "welcome"))


def listen(ctx: Context, event: Event) -> None:
    """Make a note of what was delivered."""
    if event.type == "delivered":
        receipt = f"receipt for {event.json()['to']}"
        ctx.store[Note, "receipts"].put(Note(str(event.number), receipt))


class OpenPostEnvelope(PostEnvelope):
    """Adds what ``authorize`` refuses with to what any operation may answer."""

    def common_errors(self) -> tuple[Any, ...]:
        return (*super().common_errors(), FORBIDDEN)


SERVICE = Service(
    info=ServiceInfo("post", "The Post Office", hosts=("api.post.example",), docs=DOCS),
    pages=(letters, boxes, trouble),
    envelope=OpenPostEnvelope(),
    errors=ERRORS,
    identify=identify,
    authorize=authorize,
    seed_account=seed_account,
    limits=(PER_MINUTE,),
    listeners=(listen,),
    body_limit=10_000,
    security=(
        (Credential("key", "header", parameter="X-Key"),),
        (Credential("login", "basic", description="The key is the user name."),),
    ),
)


def service_of(*pages: Operations, **more: Any) -> Service:
    """The post office with other pages."""
    settings: dict[str, Any] = {
        "info": ServiceInfo("post", "The Post Office"),
        "pages": pages,
        "envelope": PostEnvelope(),
        "errors": ERRORS,
        "identify": identify,
    }
    return Service(**{**settings, **more})


Handler = Callable[..., Any]
