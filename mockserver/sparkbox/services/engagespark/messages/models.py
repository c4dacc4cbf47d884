"""Messages in both directions."""

from __future__ import annotations

from sparkbox.core.state.store import Record

DAY = 86_400.0


class Sms(Record, frozen=True, gc=False):
    """One SMS in either direction; ``captured`` is the number of the captured message, money is in micro-dollars."""

    most = 100_000
    first_id = 500_001

    number: int
    id: str
    created: float
    sender: str
    recipient: str
    contact: int
    message: str
    ingress: bool = False
    parts: int = 1
    price: int = 0
    charged: int = 0
    client_ref: str = ""
    client_dedup: str = ""
    push_url: str = ""
    lost: bool = False
    tries: int = 0
    done: bool = False
    to_telco: bool = False
    to_phone: str = "unknown"
    handed_over: float | None = None
    error: str = ""
    delivery_error: str = ""
    captured: int = 0

    @property
    def key(self) -> int:
        return self.number

    @property
    def deadline(self) -> float:
        """The time at which the message is given up."""
        return self.created + DAY


class LastSends(Record, frozen=True, gc=False):
    """When a number was last written to; at most as often as it takes to lose the next one."""

    most = 10_000

    recipient: str
    times: tuple[float, ...]

    @property
    def key(self) -> str:
        return self.recipient


class Dedup(Record, frozen=True, gc=False):
    """A ``clientDedup`` that came, and the number of its SMS."""

    most = 100_000

    text: str
    sms: int

    @property
    def key(self) -> str:
        return self.text


class WhatsApp(Record, frozen=True, gc=False):
    """One message in either direction; ``content`` and ``location`` are JSON, empty where there is none."""

    most = 100_000
    first_id = 763_001

    number: int
    id: str
    created: float
    sender: str
    recipient: str
    contact: int
    message: str
    ingress: bool = False
    images: tuple[str, ...] = ()
    audios: tuple[str, ...] = ()
    videos: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    content: bytes = b""
    location: bytes = b""
    charged: int = 0
    tries: int = 0
    done: bool = False
    to_telco: bool = False
    to_phone: str = "unknown"
    handed_over: float | None = None
    read: float | None = None
    error: str = ""
    delivery_error: str = ""
    captured: int = 0

    @property
    def key(self) -> int:
        return self.number

    @property
    def deadline(self) -> float:
        """The time at which the message is given up."""
        return self.created + DAY


class Hooks(Record, frozen=True, gc=False):
    """Where incoming messages are forwarded to; there is one. Empty: nowhere."""

    sms: str = ""
    whatsapp: str = ""

    @property
    def key(self) -> str:
        return "hooks"
