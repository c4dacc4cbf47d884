"""The settings of dynamic videos: for each language, the words spoken in place of a prospect's data.

The languages and words are assumed; the shape is the vendor's.
"""

from __future__ import annotations

from typing_extensions import TypedDict


class Placeholder(TypedDict):
    """``word`` is spoken in the recording and replaced by ``replace``."""

    word: str
    replace: str


class Language(TypedDict):
    name: str
    placeholders: list[Placeholder]
    fallbacks: list[str]


class DynamicsSettings(TypedDict):
    languages: dict[str, Language]
    multivariableLanguages: dict[str, Language]


def _language(name: str, first_name: str, company: str, fallback: str, own_company: str) -> Language:
    return {
        "name": name,
        "placeholders": [
            {"word": first_name, "replace": f"{{{{firstname | {fallback}}}}}"},
            {"word": company, "replace": f"{{{{company | {own_company}}}}}"},
        ],
        "fallbacks": [fallback, own_company],
    }


LANGUAGES: dict[str, Language] = {
    "en": _language("English", "watermelon", "pineapple", "there", "your company"),
    "es": _language("Spanish", "sandía", "piña", "hola", "tu empresa"),
    "de": _language("German", "Wassermelone", "Ananas", "da", "Ihre Firma"),
}
SETTINGS: DynamicsSettings = {"languages": LANGUAGES, "multivariableLanguages": {"en": LANGUAGES["en"]}}
