"""A run of Attention Surgery, in plain TransformerLens.

Needs: pip install "transformer-lens>=3.9,<4", and attention_surgery for its bundled model
"""

from functools import partial
from importlib.resources import files
from pathlib import Path

import torch
from transformer_lens import HookedTransformer, HookedTransformerConfig
from transformer_lens.pretrained.weight_conversions import convert_gpt2_weights
from transformers import GPT2LMHeadModel, PreTrainedTokenizerFast

PROMPT = "When Mary and John went to the store, John gave a drink to"
PREPEND_BOS = True
MAX_NEW_TOKENS = 6

MODEL_DIR = Path(str(files("attention_surgery"))) / "bundled"

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
BOS, EOS = hf.config.bos_token_id, hf.config.eos_token_id


def zero(pattern, hook, head):
    """The head writes nothing."""
    pattern[:, head] = 0.0
    return pattern


SURGERY = [
    ("blocks.1.attn.hook_pattern", partial(zero, head=4)),
    ("blocks.9.attn.hook_pattern", partial(zero, head=6)),
]


def logprobs(ids, hooks):
    """What the model expects after each token: [token, d_vocab] log-probabilities."""
    with torch.inference_mode(), model.hooks(fwd_hooks=hooks):
        return model(torch.tensor([ids]))[0].log_softmax(-1)


def choose(expected):
    return int(expected.argmax())


def generate(hooks):
    """Continue the prompt token by token, until the end of the text or the length asked for."""
    ids = list(prompt)
    while len(ids) < len(prompt) + MAX_NEW_TOKENS:
        ids.append(choose(logprobs(ids, hooks)[-1]))
        if ids[-1] == EOS:
            break
    return ids[len(prompt) :]


prompt = tokenizer.encode(PROMPT, add_special_tokens=False)
if PREPEND_BOS:
    prompt = [BOS, *prompt]
control, ablated = generate([]), generate(SURGERY)

# Both runs read the same text: the prompt and the control's continuation.
text = prompt + control
p, q = logprobs(text, [])[:-1], logprobs(text, SURGERY)[:-1]
really_next = torch.tensor(text[1:])[:, None]
kl = (p.exp() * (p - q)).sum(-1).mean().item()
perplexity_control = p.gather(-1, really_next).mean().neg().exp().item()
perplexity_ablated = q.gather(-1, really_next).mean().neg().exp().item()
top1_changed = (p.argmax(-1) != q.argmax(-1)).float().mean().item()

control_text = tokenizer.decode(control, skip_special_tokens=True)
ablated_text = tokenizer.decode(ablated, skip_special_tokens=True)
print(f"control:       {control_text!r}")
print(f"ablated:       {ablated_text!r}")
print(f"KL:            {kl:.4f} nats")
print(f"perplexity:    {perplexity_control:.4f} -> {perplexity_ablated:.4f}")
print(f"top-1 changed: {top1_changed:.1%} of {len(text) - 1} predictions")
