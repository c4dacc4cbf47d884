"""smtp-sink, which comes with Postfix: a sink for mail in C. It knows no logins."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from statistics import median

from benchmarks.load import rounds, smtp
from benchmarks.load.smtp import Mailing
from benchmarks.mail import MAIL
from benchmarks.peers.cache import Missing, program
from benchmarks.processes import Server, free_port, process, sandbox, wait_for
from benchmarks.rows import Row, ratio


def measured(count: int, seconds: float) -> Iterator[Row]:
    """Yield our rate on eight kept connections as a ratio to smtp-sink's."""
    try:
        with _started() as sink, sandbox(smtp_port=(port := free_port())) as server:
            ours = Mailing(port, "SMTP_Injection", "mock-sparkpost-key", MAIL, connections=8)
            theirs = replace(ours, port=sink.port, user="")
            smtp.send(ours, 0.1)
            rates, other = [], []
            for _ in range(count):
                rates.append(rounds.ours(server, partial(smtp.send, ours, seconds)).rate)
                other.append(smtp.send(theirs, seconds).rate)
    except Missing as missing:
        sys.stderr.write(f"  smtp-sink is missing: {missing}\n")
        return
    yield ratio(
        "SMTP, of smtp-sink", rates, other, None, f"{median(rates):,.0f} a second, smtp-sink {median(other):,.0f}"
    )


@contextmanager
def _started() -> Iterator[Server]:
    port = free_port()
    user = ["-u", "nobody"] if os.getuid() == 0 else []
    with process(
        [program("smtp-sink", "/usr/sbin/smtp-sink"), *user, f"127.0.0.1:{port}", "100"], quiet=True
    ) as running:
        wait_for(port)
        yield Server(port, running.pid)
