"""Audits by annotators who err: bias of the estimate, coverage of its interval.

    python -m benchmarks.bench_raters

Of 20,000 rows 92 % are good; an annotator calls 5 % of the good ones bad and 25 % of the bad ones
good, so that an annotator drawn at random calls 89.4 % good. 300 rows are read; 400 audits a line
(standard error of a coverage: 1.1 points), the model on 100 of them. In the last lines the error
rates differ from annotator to annotator.
"""

from __future__ import annotations

from testing.raters import AuditOfRaters, simulated

DESIGNS = [
    *(AuditOfRaters(people, overlap) for people in (2, 3, 5) for overlap in (0, 0.2, 0.5, 1)),
    *(AuditOfRaters(people, 1.0, spread=0.02, on_good=0.08) for people in (2, 3, 5)),
]


def main() -> None:
    """Prints a Markdown table."""
    print("| annotators | overlap | differ | mean | covered | ± | by the model |")
    print("|---|---|---|---|---|---|---|")
    for design in DESIGNS:
        found = simulated(design, audits=400, seed=1, modelled=100)
        model = f"{found.modelled:.3f}" if found.modelled == found.modelled else "–"
        print(
            f"| {design.annotators} | {design.overlap:g} | {'yes' if design.spread else 'no'} "
            f"| {found.mean:.4f} | {found.coverage:.1%} | {found.half_width:.4f} | {model} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
