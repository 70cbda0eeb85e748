"""InfoNCE with several positives per row."""

from __future__ import annotations

from torch import Tensor


def info_nce(similarity: Tensor, positives: Tensor, left_out: Tensor | None = None) -> Tensor:
    """- mean_i log( sum_{j in P(i)} exp(s_ij) / sum_j exp(s_ij) ), over rows with a positive.

    ``similarity`` (n, m) is divided by the temperature already; ``positives`` (n, m) marks P(i);
    columns in ``left_out`` (n, m) stand in neither sum. Source: ViConBERT (arXiv 2511.12249),
    where i is a positive of itself. Rows without a positive carry no information and are not
    counted; a batch of such rows has the loss 0.
    """
    if left_out is not None:
        similarity = similarity.masked_fill(left_out, float("-inf"))
        positives = positives & ~left_out
    usable = positives.any(dim=1)
    if not bool(usable.any()):
        return similarity.new_zeros(()) + 0.0 * similarity.nan_to_num(neginf=0.0).sum()
    similarity, positives = similarity[usable], positives[usable]
    numerator = similarity.masked_fill(~positives, float("-inf")).logsumexp(dim=1)
    return (similarity.logsumexp(dim=1) - numerator).mean()
