"""What the vendors document, as tests that run against the sandbox or against the real services.

``pytest contract_tests`` asks the sandbox; ``pytest contract_tests --target real`` asks the vendors, with credentials
from the environment (see ``targets.py``), and is careful there: nothing is sent but to addresses made for tests,
nothing that costs runs without ``--allow-charges``, names carry a prefix and are swept afterwards, documented limits
are kept. See ``docs/contract-tests.md``.
"""
