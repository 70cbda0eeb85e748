"""Numbers in, numbers out: confidence intervals for shares, and agreement coefficients."""
