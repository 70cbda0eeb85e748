"""Human audits: samples, workbooks for annotators, their answers, and figures with intervals.

::

    settings, key, questions, text, figures   what everything else here speaks of
    statistics/   intervals and agreement: numbers in, numbers out
    sampling/     what can be drawn, strata, sizes, the draw, who gets what
    sheets/       columns, row keys, workbooks
    page/         the same rows as a page for a browser
    answers/      reads sheets that came back; their history; what they come to
    reports/      the figures of an audit, as JSON, as Markdown and on a terminal
    create        sampling and sheets: a new audit
    adjudication  answers and sheets: the rows in dispute

Imports ``schemas`` and ``languages`` only: an audit must not share a bug with what it audits.
"""
