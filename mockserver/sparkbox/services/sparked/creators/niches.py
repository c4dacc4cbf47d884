"""The content of demo creators: six niches with texts. Faker adds the names."""

from __future__ import annotations

from typing import NamedTuple


class Niche(NamedTuple):
    """``{city}`` in a bio is filled in; ``titles`` are those of posts."""

    name: str
    bios: tuple[str, ...]
    titles: tuple[str, ...]
    tags: tuple[str, ...]
    rate: int
    """The price of a post in US dollars for 100,000 followers."""


NICHES = (
    Niche(
        "Travel",
        (
            "Slow travel, night trains and small hotels. Based in {city}, rarely there.",
            "I plan the trip so that you can just go. Itineraries from {city} and beyond.",
        ),
        (
            "48 hours in Lisbon without a queue", "The night train to Vienna, cabin by cabin",
            "Packing for three weeks in one bag", "Five ferries that are better than flying",
            "What a week in the Dolomites costs", "A market breakfast in Palermo",
            "Rainy-day plans for Copenhagen", "How I find small hotels", "Hiking hut to hut, step by step",
            "The photo spot nobody walks to", "Airport hours, well spent", "Sleeper trains, ranked",
        ),
        ("travel", "trains", "itinerary", "hotel", "city", "mountains", "budget"),
        900,
    ),
    Niche(
        "Food",
        (
            "Weeknight cooking with one pan and few rules. {city} kitchen, big table.",
            "Bread, broth and whatever the market in {city} has today.",
        ),
        (
            "One pan, four dinners", "Sourdough for people with a job", "The tomato sauce I make on Sundays",
            "Six lunches that survive a commute", "What to do with a whole cauliflower", "Dumplings, folded slowly",
            "A soup for the first cold day", "Knife skills in ten minutes", "The spice drawer, sorted",
            "Market haul under twenty dollars", "Crispy chickpeas, three ways", "My grandmother's plum cake",
        ),
        ("food", "recipe", "weeknight", "baking", "market", "vegetarian", "budget"),
        800,
    ),
    Niche(
        "Fitness",
        (
            "Strength for busy people. Coach in {city}; short sessions, honest form checks.",
            "Running, lifting, resting. In that order, from {city}.",
        ),
        (
            "Your first pull-up in eight weeks", "A 20-minute session for hotel rooms", "Fixing the squat",
            "How I eat on heavy days", "Zone 2, explained on a hill", "Stretching that is worth it",
            "Five mistakes in my first marathon", "Rest days are training", "Kettlebell basics",
            "A warm-up you will really do", "Running shoes: what matters", "Sleep and strength",
        ),
        ("fitness", "strength", "running", "form", "recovery", "nutrition", "beginner"),
        850,
    ),
    Niche(
        "Tech",
        (
            "Small tools, tidy desks, no hype. I test things in {city} until they break.",
            "Hardware reviews for people who keep their devices. From {city}.",
        ),
        (
            "A month with an e-ink tablet", "The desk setup that stayed", "Backups your family will understand",
            "Mechanical keyboards, quietly", "Repairing a phone at the kitchen table", "Which charger does it all",
            "Home servers under ten watts", "Noise cancelling on a night train", "My notes, after ten years",
            "Cameras that you already own", "Router settings worth changing", "The laptop I keep recommending",
        ),
        ("tech", "review", "desk", "repair", "productivity", "camera", "audio"),
        1_100,
    ),
    Niche(
        "Beauty",
        (
            "Skin first, colour second. Ingredient lists read aloud in {city}.",
            "Five-minute faces and the science behind them. {city}.",
        ),
        (
            "A routine with three products", "Sunscreen under make-up, tested", "What retinol does in week six",
            "The red lipstick that stays", "Reading an ingredient list", "Brows in two minutes",
            "Get ready with me: early train", "Winter skin, fixed", "Dupes that are really dupes",
            "How to patch-test", "Hair oil, step by step", "Emptied: what I would buy again",
        ),
        ("beauty", "skincare", "routine", "makeup", "ingredients", "hair", "grwm"),
        950,
    ),
    Niche(
        "Home",
        (
            "An old flat in {city}, one room at a time. Paint, plants and patience.",
            "Furniture from the street and how to save it. {city} workshop.",
        ),
        (
            "Limewash in a weekend", "A shelf from one board", "Plants for a north-facing room",
            "Sanding floors, and what I regret", "The hallway that took a year", "Curtains without a sewing machine",
            "Reupholstering a street find", "Warm light, room by room", "Small kitchen, big table",
            "Tools I use every week", "Before and after: the bathroom", "How to hang anything straight",
        ),
        ("home", "diy", "interiors", "plants", "furniture", "paint", "small-space"),
        750,
    ),
)  # fmt: skip

BY_NAME = {niche.name: niche for niche in NICHES}

TIPS = (
    ("best_time", "Post on {platform} at {hour}", "Your audience on {platform} is most active at {hour} on weekdays."),
    ("format", "Try a series on {platform}", "Your three-part posts were saved twice as often as single ones."),
    ("topic", "Follow up on “{title}”", "It reached far more people than your average. A second part should do well."),
    ("audience", "New followers from {country}", "Your audience in {country} grows fastest: subtitles would pay off."),
    ("engagement", "Answer comments within an hour", "Posts whose first comments were answered reached a third more."),
    ("consistency", "Keep Thursday on {platform}", "You skipped it twice, and reach fell on the following weekend."),
    ("collaboration", "Reach out about {tag}", "Brands in {tag} viewed media kits like yours often this month."),
    ("hook", "Shorten the first three seconds", "Half of the viewers on {platform} leave before your title appears."),
)
"""Recommendations: kind, title and text."""

NUDGES = (
    ("gap", "Nothing is planned on {platform} for the next three days."),
    ("streak", "Four weeks in a row: keep your {platform} streak going."),
    ("trend", "“{tag}” is rising in your audience. You have a draft that fits."),
    ("reply", "Twelve comments on “{title}” wait for an answer."),
    ("kit", "Your media kit is older than a month. Generate a new one?"),
    ("repurpose", "“{title}” would make a good short for {platform}."),
)
"""Nudges: kind and text."""

PLATFORMS: dict[str, tuple[str, ...]] = {
    "instagram": ("post", "reel", "story", "carousel"),
    "tiktok": ("video", "story"),
    "youtube": ("video", "short", "live"),
    "x": ("post", "thread"),
    "linkedin": ("post", "article"),
    "pinterest": ("pin",),
    "twitch": ("stream",),
}
"""The platforms and their content types; the first type is the default."""

TITLES: dict[str, str] = {
    "instagram": "Instagram",
    "tiktok": "TikTok",
    "youtube": "YouTube",
    "x": "X",
    "linkedin": "LinkedIn",
    "pinterest": "Pinterest",
    "twitch": "Twitch",
}
"""The platforms' names."""

COUNTRIES: dict[str, str] = {
    "US": "United States",
    "GB": "United Kingdom",
    "CA": "Canada",
    "AU": "Australia",
    "DE": "Germany",
    "NL": "Netherlands",
    "ES": "Spain",
    "BR": "Brazil",
    "FR": "France",
    "IN": "India",
    "IT": "Italy",
    "MX": "Mexico",
    "PL": "Poland",
    "SE": "Sweden",
}
"""The countries of audiences, by ISO 3166 code."""

PROFILES: dict[str, str] = {
    "instagram": "https://www.instagram.com/{handle}/",
    "tiktok": "https://www.tiktok.com/@{handle}",
    "youtube": "https://www.youtube.com/@{handle}",
    "x": "https://x.com/{handle}",
    "linkedin": "https://www.linkedin.com/in/{handle}/",
    "pinterest": "https://www.pinterest.com/{handle}/",
    "twitch": "https://www.twitch.tv/{handle}",
}
"""The URLs of profiles."""
