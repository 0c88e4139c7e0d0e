"""Generation of two texts and the comparison of both runs, in a script."""

from __future__ import annotations

from attention_surgery.scripts.script import Section

LOGPROBS = '''\
def logprobs(ids, hooks):
    """What the model expects after each token: [token, d_vocab] log-probabilities."""
    with torch.inference_mode(), model.hooks(fwd_hooks=hooks):
        return model(torch.tensor([ids]))[0].log_softmax(-1)'''

GREEDY = """\
def choose(expected):
    return int(expected.argmax())"""

DRAW = '''\
def choose(expected, generator):
    """Draw from softmax(log p / T) by the Gumbel-max trick, with the engine's random numbers."""
    noise = -torch.empty(expected.shape).exponential_(generator=generator).log()'''

FROM_ALL = """
    return int((expected / TEMPERATURE + noise).argmax())"""

FROM_LIKELIEST = """
    likeliest = expected.topk(TOP_K)
    drawn = (likeliest.values / TEMPERATURE + noise[likeliest.indices]).argmax()
    return int(likeliest.indices[drawn])"""

GENERATE = '''\
def generate(hooks):
    """Continue the prompt token by token, until the end of the text or the length asked for."""
    ids = list(prompt)
    while len(ids) < len(prompt) + MAX_NEW_TOKENS:
        ids.append(choose(logprobs(ids, hooks)[-1]))
        if ids[-1] == EOS:
            break
    return ids[len(prompt) :]'''

GENERATE_SAMPLED = GENERATE.replace(
    "    while", "    generator = torch.Generator().manual_seed(SEED)\n    while"
).replace("[-1]))", "[-1], generator))")

COMPARE = """\
control, ablated = generate([]), generate(SURGERY)

# Both runs read the same text: the prompt and the control's continuation.
text = prompt + control
p, q = logprobs(text, []), logprobs(text, SURGERY)
divergence = (p.exp() * (p - q)).sum(-1)
next_token_kl = divergence[len(prompt) - 1].item()

really_next = torch.tensor(text[1:], dtype=torch.long)[:, None]
kl = divergence[:-1].mean().item()
perplexity_control = p[:-1].gather(-1, really_next).mean().neg().exp().item()
perplexity_ablated = q[:-1].gather(-1, really_next).mean().neg().exp().item()
top1_changed = (p.argmax(-1) != q.argmax(-1))[:-1].float().mean().item()

control_text = tokenizer.decode(control, skip_special_tokens=True)
ablated_text = tokenizer.decode(ablated, skip_special_tokens=True)
print(f"control:       {control_text!r}")
print(f"ablated:       {ablated_text!r}")
print(f"next token:    KL {next_token_kl:.4f} nats")
print(f"KL:            {kl:.4f} nats")
print(f"perplexity:    {perplexity_control:.4f} -> {perplexity_ablated:.4f}")
print(f"top-1 changed: {top1_changed:.1%} of {len(text) - 1} predictions")"""


def inference(*, sampled: bool, top_k: bool) -> list[Section]:
    """The sections after `SURGERY`; they read MAX_NEW_TOKENS, TEMPERATURE, TOP_K and SEED."""
    if not sampled:
        return [LOGPROBS, GREEDY, GENERATE, COMPARE]
    return [LOGPROBS, DRAW + (FROM_LIKELIEST if top_k else FROM_ALL), GENERATE_SAMPLED, COMPARE]
