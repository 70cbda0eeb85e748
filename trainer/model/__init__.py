"""ViConBERT as a Hugging Face model; importing this package registers it with the Auto classes."""

from transformers import AutoConfig, AutoModel

from trainer.model.config import ViConBERTConfig
from trainer.model.vicon import ViConBERT

AutoConfig.register(ViConBERTConfig.model_type, ViConBERTConfig, exist_ok=True)
AutoModel.register(ViConBERTConfig, ViConBERT, exist_ok=True)

__all__ = ["ViConBERT", "ViConBERTConfig"]
