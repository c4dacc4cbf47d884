"""What SparkPost takes for a mail address, and its parts."""

import pytest

from mockserver.services.sparkpost.addresses import LONGEST, addresses_in, domain_of, is_address, split_name


@pytest.mark.parametrize(
    "text",
    ["a@b", "wilma.flintstone+news@example.com", "o'neil@mail.example.com", "用户@例え.jp", f"{'a' * 64}@example.com"],
)
def test_one_bare_address(text: str) -> None:
    assert is_address(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "wilma",
        "@example.com",
        "wilma@",
        "wilma@@example.com",
        "wil ma@example.com",
        "wilma@-example.com",
        "wilma@example..com",
        "Wilma <wilma@example.com>",
        "wilma@example.com,fred@example.com",
        "wilma@example.com\n",
        f"{'a' * 65}@example.com",
        f"wilma@{'a.' * LONGEST}com",
    ],
)
def test_no_bare_address(text: str) -> None:
    assert not is_address(text)


@pytest.mark.parametrize(
    ("text", "name", "address"),
    [
        ("fred@example.com", "", "fred@example.com"),
        (" Fred <fred@example.com> ", "Fred", "fred@example.com"),
        ('"Flintstone, Fred" <fred@example.com>', "Flintstone, Fred", "fred@example.com"),
        ("<fred@example.com>", "", "fred@example.com"),
        ("Fred <fred@example.com", "", "Fred <fred@example.com"),
    ],
)
def test_name_and_address(text: str, name: str, address: str) -> None:
    assert split_name(text) == (name, address)


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("fred@Example.COM", "example.com"),
        ("fred@localhost", "localhost"),
        ("fred", None),
        ("fred@", None),
        ("fred@wilma@example.com", None),
        ("fred@example.com, wilma", None),
        (f"fred@{'a.' * 130}com", None),
    ],
)
def test_domain(address: str, domain: str | None) -> None:
    assert domain_of(address) == domain


def test_all_addresses_of_a_header() -> None:
    header = 'Wilma <Wilma@example.com>, fred@example.com; "Betty" <betty@example.com>, nobody'
    assert addresses_in(header) == {"wilma@example.com", "fred@example.com", "betty@example.com"}
    assert addresses_in("") == frozenset()
