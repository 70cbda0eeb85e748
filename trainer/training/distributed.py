"""Several processes that train as one on the joined batch."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch import distributed as dist


@dataclass(frozen=True, slots=True)
class Crew:
    """This process among ``size`` processes; one alone needs no process group."""

    rank: int = 0
    size: int = 1

    @property
    def leads(self) -> bool:
        """Whether this process writes files and talks."""
        return self.rank == 0

    def share(self, batch: list[int]) -> list[int]:
        """This process's part of a batch; parts differ in size by at most one."""
        return batch[self.rank :: self.size]

    def joined(self, batch: list[int]) -> list[int]:
        """The batch in the order in which :meth:`gather` joins the parts."""
        return [item for rank in range(self.size) for item in batch[rank :: self.size]]

    def gather(self, vectors: Tensor, sizes: list[int]) -> Tensor:
        """(sum of sizes, d) vectors of all processes; only the own ones carry gradients."""
        if self.size == 1:
            return vectors
        longest = max(sizes)
        padded = vectors.detach().new_zeros((longest, vectors.shape[1]))
        padded[: len(vectors)] = vectors.detach()
        received = [torch.zeros_like(padded) for _ in range(self.size)]
        dist.all_gather(received, padded)
        parts = [part[:n] for part, n in zip(received, sizes, strict=True)]
        parts[self.rank] = vectors
        return torch.cat(parts)

    def sizes(self, n: int) -> list[int]:
        """The sizes of the parts of a batch of ``n``."""
        return [len(range(rank, n, self.size)) for rank in range(self.size)]

    def sum_gradients(self, own: Iterable[nn.Parameter], shared: Iterable[nn.Parameter]) -> None:
        """Sums the encoder's gradients; averages those of the loss's own parameters.

        Every process computes the whole loss, so the loss's parameters already have their whole
        gradient, while each vector's gradient exists in one process alone.
        """
        if self.size == 1:
            return
        for parameters, divisor in ((own, 1), (shared, self.size)):
            for parameter in parameters:
                if not parameter.requires_grad:
                    continue
                if parameter.grad is None:
                    parameter.grad = torch.zeros_like(parameter)
                dist.all_reduce(parameter.grad)
                parameter.grad.div_(divisor)

    def wait(self) -> None:
        """Returns when all processes are here."""
        if self.size > 1:
            dist.barrier()


def crew_from_environment(device: torch.device) -> Crew:
    """The crew that ``torchrun`` describes in the environment; alone without it."""
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size == 1:
        return Crew()
    if not dist.is_initialized():
        dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    return Crew(dist.get_rank(), dist.get_world_size())
