"""Several processes that train as one on the joined batch."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import torch
from torch import Tensor, nn
from torch import distributed as dist

_PATIENCE = timedelta(days=7)
"""The others wait while one validates or fits the ranker; torchrun ends them if it dies."""


@dataclass(frozen=True, slots=True)
class ProcessGroup:
    """This process among ``size`` processes; one alone needs no process group."""

    rank: int = 0
    size: int = 1

    @property
    def is_main(self) -> bool:
        """Whether this process writes files and tells how it goes."""
        return self.rank == 0

    def gather(self, vectors: Tensor, sizes: list[int]) -> Tensor:
        """(sum of sizes, d) vectors of all processes; only the own ones carry gradients."""
        if self.size == 1:
            return vectors
        longest = max(sizes)
        padded = vectors.detach().new_zeros((longest, vectors.shape[1]))
        padded[: len(vectors)] = vectors.detach()
        parts = [part[:n] for part, n in zip(self.all_gather(padded), sizes, strict=True)]
        parts[self.rank] = vectors
        return torch.cat(parts)

    def all_gather(self, tensor: Tensor) -> list[Tensor]:
        """The tensors of all processes, of one shape, in the order of their ranks."""
        if self.size == 1:
            return [tensor]
        received = [torch.zeros_like(tensor) for _ in range(self.size)]
        dist.all_gather(received, tensor)
        return received

    def sum_gradients(
        self, own: Sequence[nn.Parameter], shared: Sequence[nn.Parameter], device: torch.device
    ) -> None:
        """Sums the encoder's gradients; averages those of the loss's own parameters.

        Every process computes the whole loss, so the loss's parameters already have their whole
        gradient, while each vector's gradient exists in one process alone. A parameter that no
        process has a gradient of keeps none, as in one process.
        """
        if self.size == 1:
            return
        trained = [p for p in (*own, *shared) if p.requires_grad]
        used = torch.tensor([p.grad is not None for p in trained], dtype=torch.int, device=device)
        dist.all_reduce(used, dist.ReduceOp.MAX)
        trained = [p for p, is_used in zip(trained, used.tolist(), strict=True) if is_used]
        for parameter in trained:
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
        sums = [dist.all_reduce(p.grad, async_op=True) for p in trained]
        for sum_ in sums:
            sum_.wait()
        for parameter in shared:
            if parameter.grad is not None:
                parameter.grad.div_(self.size)

    def barrier(self) -> None:
        """Returns when all processes are here."""
        if self.size > 1:
            dist.barrier()


def process_group_from_environment(device: torch.device) -> ProcessGroup:
    """The processes that ``torchrun`` describes in the environment; alone without it.

    Where ``device`` is a GPU, each process gets one of its own, from here on its current one.
    """
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        return ProcessGroup()
    if not dist.is_initialized():
        if device.type == "cuda":
            device = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
            torch.cuda.set_device(device)
            dist.init_process_group("nccl", timeout=_PATIENCE, device_id=device)
        else:
            dist.init_process_group("gloo", timeout=_PATIENCE)
    return ProcessGroup(dist.get_rank(), dist.get_world_size())


def is_main_process() -> bool:
    """Whether this one writes and tells, as ``torchrun`` says; no group is made for the answer."""
    return os.environ.get("RANK", "0") == "0"


def leave_process_group() -> None:
    """Ends the process group that :func:`process_group_from_environment` made, if it made one.

    All leave together, behind a barrier: a worker thread of gloo that still holds a tensor of the
    last sum when its interpreter ends brings the process down.
    """
    if dist.is_available() and dist.is_initialized():
        dist.barrier()
        dist.destroy_process_group()
