"""Audits by strata of votes and doubt, and audits that stop when the margin is met.

    python -m benchmarks.bench_audit_strata

Populations of 20,000 rows (``testing/panel_audits.py`` has their strata); 600 audits a line of
the first table (standard error of a coverage 0.9 points), 20,000 of the second (0.15).
"""

from __future__ import annotations

from testing.panel_audits import BEFORE_SELECT, RELEASED, audits_by_strata, audits_in_looks


def main() -> None:
    """Prints both as Markdown tables."""
    print("| rows | first + by Neyman | covered | ± | of simple random sampling | bias |")
    print("|---|---|---|---|---|---|")
    for name, shares in (("before select", BEFORE_SELECT), ("released", RELEASED)):
        for first, more in ((100, 200), (200, 400)):
            found = audits_by_strata(shares, first, more, audits=600, seed=1)
            print(
                f"| {name} | {first} + {more} | {found.coverage:.1%} | {found.half_width:.4f} "
                f"| {found.half_width / found.simple:.2f} x | {100 * found.bias:+.2f} points |",
                flush=True,
            )
    print("\n| quality | margin | look every | covered | rows read |\n|---|---|---|---|---|")
    for good in (0.8, 0.9, 0.92, 0.95, 0.98):
        for margin in (0.02, 0.03, 0.05):
            for step in (50, 100):
                covered, size = audits_in_looks(good, margin, 100, step, audits=20_000, seed=2)
                print(f"| {good} | {margin} | {step} | {covered:.1%} | {size:.0f} |", flush=True)


if __name__ == "__main__":
    main()
