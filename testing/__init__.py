"""What tests and benchmarks share: a mock endpoint and its replies, made-up releases and audits.

Not installed, and imported by tests and benchmarks only; it imports neither of them.
"""
