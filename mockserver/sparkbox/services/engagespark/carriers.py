"""Which operator a phone number's range was given to, for the countries that top-ups and demo data are mostly about.

The ranges are those of the public numbering plans: the Philippines' NTC, Kenya's CA, Nigeria's NCC, Indonesia's Kominfo
and Bangladesh's BTRC; see also https://en.wikipedia.org/wiki/Telephone_numbers_in_the_Philippines and its neighbours.
A number that was taken along to another operator still counts as its range's. Numbers of other countries have none.
"""

from __future__ import annotations

from functools import lru_cache

from . import phones

_CACHED = 10_000

_RANGES: dict[str, dict[str, str]] = {
    "63": {
        "Globe": "905 906 914 915 916 917 926 927 935 936 937 945 95 965 966 967 971 972 975 976 977 978 983 986 987 "
        "995 996 997",
        "Smart": "813 907 908 909 910 911 912 918 919 92 93 94 950 951 958 96 970 981 985 988 998 999",
        "Dito": "89 924 934 944 991 992 993 994",
    },
    "254": {
        "Safaricom": "11 14 18 70 71 72 74 757 758 759 768 769 79",
        "Airtel": "10 135 136 137 138 139 73 75 76 78",
        "Telkom": "120 761 77",
        "Infura": "121",
        "Finserve": "124",
        "NRG Media Limited": "130",
        "Homeland Media": "744",
        "JTL": "747",
    },
    "234": {
        "MTN": "7025 7026 703 704 706 707 803 806 810 813 814 816 903 906 910 913 916",
        "Airtel": "701 708 802 808 812 901 902 904 907 911 912",
        "Glo": "705 805 807 811 815 905 915",
        "9mobile": "809 817 818 908 909",
        "Ntel": "7021 7022 804",
        "Smile": "7020",
        "Prestel": "7024",
        "Multilinks": "7027 709",
        "Starcomms": "7028 7029 819",
        "Lebara": "72",
        "MAFAB": "801",
    },
    "62": {
        "Telkomsel": "811 812 813 821 822 823 851 852 853",
        "Indosat Ooredoo Hutchison": "814 815 816 855 856 857 858 895 896 897 898 899",
        "XL": "817 818 819 859 877 878 879",
        "AXIS": "831 832 833 838",
        "Smartfren": "881 882 883 887 888 889",
    },
    "880": {
        "Grameenphone": "13 17 64",
        "Robi": "16 18",
        "Banglalink": "14 19",
        "TeleTalk": "15",
        "Citycell": "11",
    },
}
"""By dialing code and operator: how national numbers begin. A longer beginning wins."""

_OPERATORS = {
    f"{code}{beginning}": operator
    for code, operators in _RANGES.items()
    for operator, beginnings in operators.items()
    for beginning in beginnings.split()
}
_LONGEST = max(map(len, _OPERATORS))


@lru_cache(_CACHED)
def carrier_of(digits: str) -> str:
    """Return the operator that a number's range belongs to; empty where that is not known."""
    number = phones.read(digits)
    if number is None or not number.valid:
        return ""
    known = (_OPERATORS.get(digits[:length]) for length in range(_LONGEST, 0, -1))
    return next(filter(None, known), "")
