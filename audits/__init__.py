"""Human audits: samples, workbooks for annotators, their answers, and figures with intervals.

Imports ``schemas`` only: an audit must not share a bug with what it audits.
"""
