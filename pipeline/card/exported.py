"""What the card of an exported model says of its use, its limits and its licence."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from languages.language import Language
from schemas.markdown import escaped

ONNX = "encoder.onnx"

_USE = '''\
## Use

The folder needs nothing of the project that made it, only

```bash
pip install {packages}
```

Its code is in `modeling_viconbert.py`; read it before you trust it.

```python
"""Which sense is meant? `python use.py FOLDER`"""

import sys

from transformers import AutoModel

model = AutoModel.from_pretrained(sys.argv[1], trust_remote_code=True)

marked = "{example}"
start, end = marked.index("[["), marked.index("]]") - 2
sentence = marked.replace("[[", "").replace("]]", "")

vectors = model.encode([(sentence, start, end)])  # one row for each target
print(vectors.shape)
for sense in model.disambiguate(sentence, start, end):  # best first; none of an unknown word
    print(f"{{sense.score:.3f}}  {{sense.pos}}  {{sense.sense_id}}  {{sense.gloss}}")
```

`disambiguate(..., lemma="...")` gives the dictionary form where the word stands in another.
`senses.jsonl` holds the inventory, and `vector` in it the row of `sense_vectors.safetensors`.
'''

_ONNX = """\
`encoder.onnx` is the encoder for onnxruntime, with batch and length free:

```python
session = onnxruntime.InferenceSession(f"{folder}/encoder.onnx")
vectors = session.run(None, model.arrays([(sentence, start, end)]))[0]
```
"""

_LIMITS = """\
Senses are ranked by cosine alone here, and cosine alone favours senses that had training
sentences: see its rows in the evaluation. `viconwsd disambiguate`, which the rest of the evaluation
is about, weighs in overlap and usage, and the cross-encoder where there is one.
"""


def exported_use(folder: Path, config: Mapping[str, Any], language: Language) -> str:
    """How a program opens and asks the model: a script that can be run as it stands."""
    own = () if config.get("segmenter") == "units" else language.segmentation.software
    packages = " ".join(("torch", "transformers", *own))
    use = _USE.format(packages=packages, example=language.card.example)
    return f"{use}\n{_ONNX}" if (folder / ONNX).is_file() else use


def exported_limits() -> str:
    """What an exported model does less well than the one it comes from."""
    return _LIMITS


def exported_licence(config: Mapping[str, Any]) -> str:
    """The licence of each of its parts, as far as it is known."""
    licence = config.get("licence")
    stated = (
        f"The weights, the glosses and their vectors are under **{escaped(str(licence))}**."
        if licence
        else "No licence is stated for the weights, the glosses and their vectors: ask their maker."
    )
    return (
        f"## Licence\n\n{stated} Where the encoder was trained from a pretrained one, the licence "
        "of that holds for the weights too. `modeling_viconbert.py` is under Apache-2.0.\n"
    )
