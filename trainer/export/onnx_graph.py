"""The encoder as an ONNX graph, compared with torch before anybody relies on it."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from schemas.errors import RunError
from schemas.files import explained
from trainer.model import ViConBERT
from trainer.text.inputs import EncoderInput, InputMaker, MarkedSentence

ONNX = "encoder.onnx"
_INPUTS = ("input_ids", "attention_mask", "target_mask")
_OUTPUT = "vectors"
_OPSET = 17
_AGREE = 1e-4
"""The largest difference that a number of a vector may have."""


def write_onnx(
    model: ViConBERT, inputs: InputMaker, sentences: Sequence[MarkedSentence], folder: Path
) -> float:
    """Writes ``encoder.onnx`` and returns its largest difference from torch on the sentences.

    Its inputs are (batch, length), both free: ids and attention int64, the target's marks bool.
    The model becomes float32 on the CPU. Raises RunError where torch cannot write the graph, or
    where it gives other vectors.
    """
    import onnx  # noqa: F401  torch's exporter asks for it at its very end
    import onnxruntime

    model.to("cpu", torch.float32).train(False)  # type: ignore[arg-type]
    tokenized = [inputs.tokenize(sentence) for sentence in sentences]
    path = str(folder / ONNX)
    names = {name: {0: "batch", 1: "length"} for name in _INPUTS}
    with explained(folder), torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what it traces, and that a newer exporter is there
        try:
            torch.onnx.export(
                model,
                _arguments(inputs.batch(tokenized[:2])),
                path,
                input_names=list(_INPUTS),
                output_names=[_OUTPUT],
                dynamic_axes={**names, _OUTPUT: {0: "batch"}},
                opset_version=_OPSET,
                dynamo=False,  # the newer one wants two more packages
            )
            session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        except (RuntimeError, torch.onnx.OnnxExporterError) as error:
            reason = (str(error).strip() or type(error).__name__).splitlines()[0]
            raise RunError(
                f"this encoder cannot be written as ONNX ({reason}): export it without --onnx"
            ) from error
    worst = 0.0
    for part in (tokenized[:1], tokenized):
        arguments = _arguments(inputs.batch(part))
        with torch.inference_mode():
            wanted = model(*arguments).numpy()
        given = {n: a.numpy() for n, a in zip(_INPUTS, arguments, strict=True)}
        found = np.asarray(session.run([_OUTPUT], given)[0])
        worst = max(worst, float(np.abs(found - wanted).max()))
    if not worst <= _AGREE:
        raise RunError(
            f"{ONNX} differs from the model by {worst:.1e}, more than {_AGREE}: export it without "
            "--onnx"
        )
    return worst


def _arguments(batch: EncoderInput) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    return batch.input_ids, batch.attention_mask, batch.target_mask
