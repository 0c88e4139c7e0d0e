/** The page's run as a Python script of plain TransformerLens. */

import type { Cut } from './cuts'
import { byPosition } from './heads'

type AblationMethod = string

/** Where the script finds the weights. */
export type CodeModel =
  /** A name TransformerLens fetches from the Hugging Face hub. */
  | { readonly kind: 'hub'; readonly name: string }
  /** The model inside the installed attention_surgery package. */
  | { readonly kind: 'bundled'; readonly name: string }
  /** Some directory in Hugging Face layout; its path is for the reader to fill in. */
  | { readonly kind: 'directory'; readonly name: string }

export type CodeRun = {
  readonly prompt: string
  readonly cuts: readonly Cut[]
  readonly maxNewTokens: number
  readonly temperature: number
  readonly topK: number | null
  readonly seed: number | null
  readonly prependBos: boolean
  readonly model: CodeModel
}

const HUB_MODELS = ['gpt2', 'gpt2-medium', 'gpt2-large', 'gpt2-xl']

export function codeModel(name: string, bundled: boolean): CodeModel {
  if (bundled) return { kind: 'bundled', name }
  return { kind: HUB_MODELS.includes(name) ? 'hub' : 'directory', name }
}

/** JSON writes strings as Python reads them. */
const str = (text: string) => JSON.stringify(text)

const lines = (...parts: (string | false)[]) => parts.filter((part) => part !== false).join('\n')

const isSampled = (run: CodeRun) => run.temperature > 0

const uses = (run: CodeRun, method: AblationMethod) => run.cuts.some((cut) => cut.method === method)

const imports = (run: CodeRun) => {
  const partial = run.cuts.length > 0
  if (run.model.kind === 'hub') {
    return lines(
      partial && 'from functools import partial\n',
      'import torch',
      'from transformer_lens import HookedTransformer',
    )
  }
  const bundled = run.model.kind === 'bundled'
  return lines(
    partial && 'from functools import partial',
    bundled && 'from importlib.resources import files',
    'from pathlib import Path',
    '',
    'import torch',
    'from transformer_lens import HookedTransformer, HookedTransformerConfig',
    'from transformer_lens.pretrained.weight_conversions import convert_gpt2_weights',
    'from transformers import GPT2LMHeadModel, PreTrainedTokenizerFast',
  )
}

const number = (value: number) => (Number.isInteger(value) ? `${value}.0` : `${value}`)

const settings = (run: CodeRun) =>
  lines(
    `PROMPT = ${str(run.prompt)}`,
    `PREPEND_BOS = ${run.prependBos ? 'True' : 'False'}`,
    `MAX_NEW_TOKENS = ${run.maxNewTokens}`,
    isSampled(run) && `TEMPERATURE = ${number(run.temperature)}`,
    isSampled(run) && run.topK !== null && `TOP_K = ${run.topK}`,
    isSampled(run) &&
      (run.seed === null
        ? 'SEED = 0  # the page draws a new seed for each run'
        : `SEED = ${run.seed}`),
  )

const MODEL_DIR: Record<Exclude<CodeModel['kind'], 'hub'>, (name: string) => string> = {
  bundled: () => 'MODEL_DIR = Path(str(files("attention_surgery"))) / "bundled"',
  directory: (name) =>
    lines(
      '# The directory with config.json, model.safetensors and tokenizer.json.',
      `MODEL_DIR = Path(${str(name)})`,
    ),
}

const LOAD_DIRECTORY = `\
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
BOS, EOS = hf.config.bos_token_id, hf.config.eos_token_id`

const load = ({ model }: CodeRun) =>
  model.kind === 'hub'
    ? lines(
        `model = HookedTransformer.from_pretrained_no_processing(${str(model.name)}, device="cpu")`,
        'tokenizer = model.tokenizer',
        'BOS, EOS = tokenizer.bos_token_id, tokenizer.eos_token_id',
      )
    : lines(MODEL_DIR[model.kind](model.name), '', LOAD_DIRECTORY)

const METHODS: Record<AblationMethod, string> = {
  zero: `\
def zero(pattern, hook, head):
    """The head writes nothing."""
    pattern[:, head] = 0.0
    return pattern`,
  mean: `\
def mean(pattern, hook, head):
    """The head looks equally at every token it may see."""
    n_tokens = pattern.shape[-1]
    visible = torch.ones(n_tokens, n_tokens).tril()
    pattern[:, head] = visible / visible.sum(-1, keepdim=True)
    return pattern`,
  previous: `\
before_surgery = {}


def remember(pattern, hook):
    before_surgery[hook.layer()] = pattern.clone()


def previous(pattern, hook, head):
    """The head uses the pattern of the same head one layer below; layer 0 has none below."""
    if hook.layer() > 0:
        pattern[:, head] = before_surgery[hook.layer() - 1][:, head]
    return pattern`,
}

const hookLine = ({ layer, head, method }: Cut) =>
  `    ("blocks.${layer}.attn.hook_pattern", partial(${method}, head=${head})),`

/** `previous` needs the layer below as it was, so it is remembered before any cut is made. */
const rememberLines = (cuts: readonly Cut[]) => {
  const below = cuts.filter(({ method, layer }) => method === 'previous' && layer > 0)
  const layers = [...new Set(below.map(({ layer }) => layer - 1))]
  return layers.map((layer) => `    ("blocks.${layer}.attn.hook_pattern", remember),`)
}

function surgery(run: CodeRun): string {
  if (run.cuts.length === 0) return 'SURGERY = []  # no head is cut'
  const cuts = [...run.cuts].sort(byPosition)
  const methods = (['zero', 'mean', 'previous'] as const).filter((method) => uses(run, method))
  return lines(
    ...methods.map((method) => `${METHODS[method]}\n\n`),
    'SURGERY = [',
    ...rememberLines(cuts),
    ...cuts.map(hookLine),
    ']',
  )
}

const LOGPROBS = `\
def logprobs(ids, hooks):
    """What the model expects after each token: [token, d_vocab] log-probabilities."""
    with torch.inference_mode(), model.hooks(fwd_hooks=hooks):
        return model(torch.tensor([ids]))[0].log_softmax(-1)`

const GREEDY = `\
def choose(expected):
    return int(expected.argmax())`

const draw = (topK: boolean) =>
  lines(
    'def choose(expected, generator):',
    '    """Draw from softmax(log p / T) by the Gumbel-max trick, with the page\'s own random numbers."""',
    '    noise = -torch.empty(expected.shape).exponential_(generator=generator).log()',
    topK && '    likeliest = expected.topk(TOP_K)',
    topK && '    drawn = (likeliest.values / TEMPERATURE + noise[likeliest.indices]).argmax()',
    topK
      ? '    return int(likeliest.indices[drawn])'
      : '    return int((expected / TEMPERATURE + noise).argmax())',
  )

const generate = (sampled: boolean) =>
  lines(
    'def generate(hooks):',
    '    """Continue the prompt token by token, until the end of the text or the length asked for."""',
    '    ids = list(prompt)',
    sampled && '    generator = torch.Generator().manual_seed(SEED)',
    '    while len(ids) < len(prompt) + MAX_NEW_TOKENS:',
    `        ids.append(choose(logprobs(ids, hooks)[-1]${sampled ? ', generator' : ''}))`,
    '        if ids[-1] == EOS:',
    '            break',
    '    return ids[len(prompt) :]',
  )

const COMPARE = `\
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
print(f"top-1 changed: {top1_changed:.1%} of {len(text) - 1} predictions")`

const heading = (run: CodeRun) =>
  lines(
    '"""A run of Attention Surgery, in plain TransformerLens.',
    '',
    `Needs: pip install "transformer-lens>=3.9,<4"${run.model.kind === 'bundled' ? ', and attention_surgery for its bundled model' : ''}`,
    '"""',
  )

/** A script that runs as it is and prints the page's texts and metrics. */
export function pythonCode(run: CodeRun): string {
  const sampled = isSampled(run)
  const sections = [
    `${heading(run)}\n\n${imports(run)}\n\n${settings(run)}\n\n${load(run)}`,
    surgery(run),
    LOGPROBS,
    sampled ? draw(run.topK !== null) : GREEDY,
    generate(sampled),
    COMPARE,
  ]
  // Two blank lines around definitions, one between statements, as Python formatters want it.
  const isPlain = (section: string) => section.startsWith('SURGERY')
  const [first = '', second = '', ...rest] = sections
  return `${[`${first}${isPlain(second) ? '\n\n' : '\n\n\n'}${second}`, ...rest].join('\n\n\n')}\n`
}
