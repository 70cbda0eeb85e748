"""What a backbone tells about a gloss and a sentence read together."""

from __future__ import annotations

import torch
from torch import Tensor, nn

N_LIKELIHOODS = 2


class CrossEncoderHead(nn.Module):
    """Scores of candidates from their pair features, relative to each other.

    Features are centred over the candidates of an item, so that only what tells them apart is
    left, and scaled by the deviations of the training data.
    """

    def __init__(self, in_width: int, width: int, dropout: float, likelihood: bool) -> None:
        super().__init__()
        self.deviation: Tensor
        self.register_buffer("deviation", torch.ones(in_width))
        self.layers = nn.Sequential(
            nn.Dropout(dropout),
            nn.Linear(in_width, width),
            nn.GELU(),
            nn.Dropout(dropout),
            nn.Linear(width, 1),
        )
        self.likelihood_weights = (
            nn.Parameter(torch.full((N_LIKELIHOODS,), 0.1)) if likelihood else None
        )

    def forward(self, states: Tensor, likelihoods: Tensor, present: Tensor) -> Tensor:
        """(n, c) scores, -inf where ``present`` (n, c) is false.

        ``states`` (n, c, in_width); ``likelihoods`` (n, c, 2) are log-probabilities of the
        sentence around the target and of the target.
        """
        relative = centred(states, present) / self.deviation
        dtype = next(self.layers.parameters()).dtype
        scores: Tensor = full_precision(self.layers(relative.to(dtype)).squeeze(-1))
        if self.likelihood_weights is not None:
            scores = scores + centred(likelihoods, present) @ full_precision(
                self.likelihood_weights
            )
        return scores.masked_fill(~present, float("-inf"))


def full_precision(values: Tensor) -> Tensor:
    """The values in fp32, or in fp64 where they are."""
    return values if values.dtype is torch.double else values.float()


def centred(values: Tensor, present: Tensor) -> Tensor:
    """(n, c, d) values minus their mean over the present candidates; 0 where absent."""
    mask = present.unsqueeze(-1).to(values.dtype)
    mean = (values * mask).sum(dim=1, keepdim=True) / mask.sum(dim=1, keepdim=True).clamp(min=1)
    return (values - mean) * mask


def likelihoods(
    last: Tensor,
    input_ids: Tensor,
    target_mask: Tensor,
    sentence_mask: Tensor,
    embeddings: Tensor,
    vocabulary: Tensor,
) -> Tensor:
    """(B, 2) log-probabilities of the sentence around its target, and of the target.

    ``last`` (B, L, d) are a decoder's last states; the rest as in :func:`log_probabilities`.
    """
    rows, columns = torch.nonzero(sentence_mask, as_tuple=True)
    pieces = input_ids[rows, columns]
    own = log_probabilities(last[rows, columns - 1], pieces, embeddings, vocabulary)
    return summed(own, rows, target_mask[rows, columns], len(last))


def summed(own: Tensor, rows: Tensor, target: Tensor, n_rows: int) -> Tensor:
    """(n_rows, 2) sums of values (m,) of pieces, those outside and those of the target."""
    found = own.new_zeros(n_rows, N_LIKELIHOODS)
    return found.index_put((rows, target.long()), own, accumulate=True)


def log_probabilities(
    before: Tensor, pieces: Tensor, embeddings: Tensor, vocabulary: Tensor
) -> Tensor:
    """(m,) log-probabilities of pieces (m,) after the last states ``before`` (m, d), in fp32.

    ``embeddings`` (v, d) are the tied output weights. The softmax runs over ``vocabulary`` (k,)
    and the piece itself, which ranks glosses as the full one does at a fraction of its price.
    Source of the signal: noisy-channel scoring, log P(sentence | gloss), whose prior is the same
    for all candidates.
    """
    before = full_precision(before)
    own = (before * full_precision(embeddings[pieces])).sum(dim=1)
    total = (before @ full_precision(embeddings[vocabulary]).T).logsumexp(dim=1)
    unlisted = ~torch.isin(pieces, vocabulary)
    total = torch.where(unlisted, torch.logaddexp(total, own), total)
    return own - total
