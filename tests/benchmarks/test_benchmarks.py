"""The parts of the benchmarks that can be wrong without anybody noticing."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import report, results
from benchmarks.load.responses import Responses
from benchmarks.rows import Row, ratio

RESPONSE = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"
CHUNKED = b"HTTP/1.1 201 Created\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"


@pytest.mark.parametrize("response", [RESPONSE, CHUNKED, RESPONSE.replace(b"content", b"Content")])
def test_responses_are_counted_in_any_pieces(response: bytes) -> None:
    whole, split = Responses(), Responses()
    assert [whole.complete(response) for _ in range(3)] == [True] * 3
    assert [split.complete(response[at : at + 1]) for at in range(len(response))] == [False] * (len(response) - 1) + [
        True
    ]
    assert whole.complete(RESPONSE.replace(b"5", b"6") + b"!")


@pytest.mark.parametrize(
    "wrong", [RESPONSE.replace(b"200 OK", b"402 No"), RESPONSE + b"!", RESPONSE.replace(b"content-length", b"etag")]
)
def test_error_in_a_response_ends_the_measurement(wrong: bytes) -> None:
    responses = Responses()
    assert responses.complete(RESPONSE)
    with pytest.raises((RuntimeError, ValueError)):
        responses.complete(wrong)


def test_response_that_closes_the_connection_is_noticed() -> None:
    responses = Responses()
    assert responses.complete(RESPONSE.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
    assert responses.closing


def test_ratio_is_that_of_each_round_and_its_median_is_held_against_the_aim() -> None:
    row = ratio("POST", [10.0, 9.0, 30.0], [20.0, 30.0, 20.0], 0.5)
    assert (row.values, row.figure, row.range, row.aim, row.met) == (
        (0.5, 0.3, 1.5),
        "0.50",
        "0.30 to 1.50",
        "≥ 0.50",
        True,
    )
    assert Row("pause", (12.3,), "ms", most=10.0).met is False
    assert Row("memory", (1234.5,), "MiB").figure == "1,234 MiB"


def test_kept_figures_become_the_tables(tmp_path: Path) -> None:
    file = tmp_path / "figures.json"
    results.keep(file, "throughput", [Row("GET", (9.0,))])
    results.keep(file, "mail", [Row("SMTP, 8 kept connections", (2.0, 2.5, 3.0), least=2.0)])
    results.keep(file, "growth", [Row("growth of health", (0.1,), most=0.2), Row("growth of all", (1.0,), most=1.2)])
    results.keep(file, "throughput", [Row("POST a transmission", (0.4, 0.6), least=0.4, note="9 µs")])
    machine, measurements = results.read(file)
    lines = list(report.page(machine, measurements))
    assert "| POST a transmission | 0.50 | 0.40 to 0.60 | ≥ 0.40 | met | 9 µs |" in lines
    hidden = "The terminal shows 1 more: they cost the same at each size."
    assert lines[-3:] == ["| growth of all | 1.00 |  | ≤ 1.20 | met |  |", "", hidden]
    assert lines.index("## Mail by SMTP, of aiosmtpd's sink") > lines.index("## HTTP, of a bare Starlette application")
    assert "| mail by SMTP on eight connections, of aiosmtpd's sink | 2.50 | 2.00 to 3.00 |" in list(
        report.short(row for rows in measurements.values() for row in rows)
    )


@pytest.mark.parametrize(("path", "mark"), [(report.PAGE, "figures"), (report.README, "speed")])
def test_both_pages_have_marks_for_the_tables(path: Path, mark: str) -> None:
    text = path.read_text("utf-8")
    assert report.between(report.between(text, mark, ["a"]), mark, ["b"]) == report.between(text, mark, ["b"])
