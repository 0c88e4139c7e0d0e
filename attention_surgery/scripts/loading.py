"""How a script loads model and tokenizer."""

from __future__ import annotations

from attention_surgery.engine.origin import Origin
from attention_surgery.errors import InvalidSetting
from attention_surgery.scripts.literals import literal

HUB = """\
model = HookedTransformer.from_pretrained_no_processing({name}, device="cpu")
tokenizer = model.tokenizer
BOS, EOS = tokenizer.bos_token_id, tokenizer.eos_token_id"""

BUNDLED = 'MODEL_DIR = Path(str(files("attention_surgery"))) / "bundled"'

DIRECTORY = """\
# The directory with config.json, model.safetensors and tokenizer.json.
MODEL_DIR = Path({name})"""

FROM_FILES = """\
hf = GPT2LMHeadModel.from_pretrained(MODEL_DIR, dtype=torch.float32)
cfg = HookedTransformerConfig(
    n_layers=hf.config.n_layer,
    n_heads=hf.config.n_head,
    d_model=hf.config.n_embd,
    d_head=hf.config.n_embd // hf.config.n_head,
    d_mlp=hf.config.n_inner or 4 * hf.config.n_embd,
    d_vocab=hf.config.vocab_size,
    n_ctx=hf.config.n_positions,
    eps=hf.config.layer_norm_epsilon,
    act_fn=hf.config.activation_function,
    normalization_type="LN",
    use_attn_scale=hf.config.scale_attn_weights,
    scale_attn_by_inverse_layer_idx=hf.config.scale_attn_by_inverse_layer_idx,
    init_weights=False,
    device="cpu",
)
model = HookedTransformer(cfg)
model.load_state_dict(convert_gpt2_weights(hf, cfg), strict=False)
tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(MODEL_DIR / "tokenizer.json"))
BOS, EOS = hf.config.bos_token_id, hf.config.eos_token_id"""

WRAPPED = """\
model: HookedTransformer = ...  # the one that was given to surgeon.wrap
tokenizer = model.tokenizer
BOS, EOS = tokenizer.bos_token_id, tokenizer.eos_token_id"""

READ = '''\
def read(text):
    """The tokens of a text, as the model reads it."""
    ids = tokenizer.encode(text, add_special_tokens=False)
    return [BOS, *ids] if PREPEND_BOS else ids'''


def loading(origin: Origin) -> list[str]:
    """The sections that load model and tokenizer, with unprocessed weights on the CPU."""
    name = literal(origin.name)
    if origin.source == "wrapped-processed":
        raise InvalidSetting(
            "A script computes with the checkpoint's own weights, and this model's were folded by "
            "TransformerLens: wrap one made with from_pretrained_no_processing."
        )
    if origin.source == "wrapped-raw":
        return [WRAPPED]
    if origin.source == "hub":
        return [HUB.format(name=name)]
    where = BUNDLED if origin.source == "bundled" else DIRECTORY.format(name=name)
    return [where, FROM_FILES]


IMPORTS = """\
from pathlib import Path

import torch
from transformer_lens import HookedTransformer, HookedTransformerConfig
from transformer_lens.pretrained.weight_conversions import convert_gpt2_weights
from transformers import GPT2LMHeadModel, PreTrainedTokenizerFast"""

HUB_IMPORTS = "from transformer_lens import HookedTransformer"


def imports(origin: Origin, body: str) -> str:
    """The imports of a script whose last sections are `body`."""
    standard = "import re\n" * ("re.fullmatch(" in body)
    standard += "from functools import partial\n" * ("partial(" in body)
    if origin.source in ("hub", "wrapped-raw"):
        apart = standard + "\n" * bool(standard)
        return apart + "import torch\n" * ("torch." in body) + HUB_IMPORTS
    files = "from importlib.resources import files\n" * (origin.source == "bundled")
    return standard + files + IMPORTS
