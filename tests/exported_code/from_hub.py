"""A run of Attention Surgery, in plain TransformerLens.

Needs: pip install "transformer-lens>=3.9,<4"
"""

from functools import partial

import torch
from transformer_lens import HookedTransformer

PROMPT = "When Mary and John went to the store, John gave a drink to"
PREPEND_BOS = True
MAX_NEW_TOKENS = 6

model = HookedTransformer.from_pretrained_no_processing("gpt2", device="cpu")
tokenizer = model.tokenizer
BOS, EOS = tokenizer.bos_token_id, tokenizer.eos_token_id


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
