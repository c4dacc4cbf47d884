"""The section and its pages."""

from __future__ import annotations

from sparkbox.core.declare.section import Section

from . import simulations, tags
from .envelope import ChatbotsEnvelope
from .seed import seed

SECTION = Section(
    "Chatbots",
    pages=(*tags.TAGS,),
    envelope=ChatbotsEnvelope(),
    seed=seed,
    simulations=simulations.operations,
)
