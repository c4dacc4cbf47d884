"""What the vendors document, as tests that run against the sandbox or against the real services.

``pytest contract_tests`` tests the sandbox; ``pytest contract_tests --target real`` tests the vendors, with credentials
from the environment. See ``docs/contract-tests.md``.
"""
