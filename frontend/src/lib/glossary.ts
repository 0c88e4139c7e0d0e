/** What each term means, in two sentences and with a source; loaded when one is first asked for. */

import type { TermId } from './terms'

export type Entry = {
  readonly text: string
  readonly source: string
  readonly href: string
}

const zhang = {
  source: 'Zhang and Nanda 2024, arXiv:2309.16042',
  href: 'https://arxiv.org/abs/2309.16042',
}
const michel = {
  source: 'Michel, Levy and Neubig 2019, arXiv:1905.10650',
  href: 'https://arxiv.org/abs/1905.10650',
}
const kobayashi = {
  source: 'Kobayashi et al. 2020, arXiv:2004.10102',
  href: 'https://arxiv.org/abs/2004.10102',
}
const lens = {
  source: 'nostalgebraist 2020, “interpreting GPT: the logit lens”',
  href: 'https://www.lesswrong.com/posts/AcKRB8wDpdaN6v6ru/interpreting-gpt-the-logit-lens',
}
const vaswani = {
  source: 'Vaswani et al. 2017, arXiv:1706.03762',
  href: 'https://arxiv.org/abs/1706.03762',
}
const patching = {
  source: 'Syed, Rager and Conmy 2023, arXiv:2310.10348',
  href: 'https://arxiv.org/abs/2310.10348',
}
const gpt2 = {
  source: 'Radford et al. 2019, “Language Models are Unsupervised Multitask Learners”',
  href: 'https://cdn.openai.com/better-language-models/language_models_are_unsupervised_multitask_learners.pdf',
}
const sampling = {
  source: 'Holtzman et al. 2020, arXiv:1904.09751',
  href: 'https://arxiv.org/abs/1904.09751',
}
const jelinek = {
  source:
    'Jelinek et al. 1977, “Perplexity: a measure of the difficulty of speech recognition tasks”',
  href: 'https://doi.org/10.1121/1.2016299',
}
const kullback = {
  source: 'Kullback and Leibler 1951, “On Information and Sufficiency”',
  href: 'https://doi.org/10.1214/aoms/1177729694',
}
const shannon = {
  source: 'Shannon 1948, “A Mathematical Theory of Communication”',
  href: 'https://doi.org/10.1002/j.1538-7305.1948.tb01338.x',
}

const wang = {
  source: 'Wang et al. 2022, arXiv:2211.00593',
  href: 'https://arxiv.org/abs/2211.00593',
}
const heimersheim = {
  source: 'Heimersheim and Nanda 2024, arXiv:2404.15255',
  href: 'https://arxiv.org/abs/2404.15255',
}

export const GLOSSARY: Readonly<Record<TermId, Entry>> = {
  head: {
    text: 'One of the small readers in each layer: it looks back over the tokens, decides how much each one matters, and writes what it found into the running sum that becomes the prediction. L9H6 is head 6 of layer 9, counted from zero.',
    ...vaswani,
  },
  ablation: {
    text: 'Replacing a head’s attention pattern by one that carries no information, and reading what changes. If the prediction survives, the head was not needed for it, or another one stepped in.',
    ...zhang,
  },
  gradient: {
    text: 'How strongly the chosen number, the loss on this prompt unless you ask another, would react to a small change of the head’s pattern: the Frobenius norm of ∂m/∂A over the tokens it may attend to. One backward pass scores every head, but only promises something about small changes.',
    ...michel,
  },
  attribution: {
    text: 'A first-order estimate of how the chosen number m changes if the pattern were zeroed: −Σ A ⊙ ∂m/∂A, in the unit of m. Of the loss, positive means that the head helps on this prompt; of a number of the answer, negative means that it supports it.',
    ...patching,
  },
  l2: {
    text: 'The mean length of the vector the head writes to the residual stream. It says how loudly a head speaks, not whether anyone listens.',
    ...kobayashi,
  },
  klScore: {
    text: 'Each head is really cut, alone, and the change of the predictions is measured as KL divergence in nats. Exact where the others estimate; it takes longest.',
    ...zhang,
  },
  loss: {
    text: 'The mean of −log p of each token of the prompt given those before it, in nats. It asks how well the model reads this text, not what it would say next.',
    ...shannon,
  },
  logitDifference: {
    text: 'The logit of an answer less that of a foil, at one position: how much rather the model says the one than the other. What moves both alike, such as a doubt about the whole phrase, cancels.',
    ...zhang,
  },
  probability: {
    text: 'The share the model gives one token at one position, between 0 and 1. It hardly moves while the answer is nearly certain or nearly impossible; its logarithm moves there too.',
    ...zhang,
  },
  probabilityDifference: {
    text: 'The probability of an answer less that of a foil: 1 when the model is sure of the one, −1 when it is sure of the other. Unlike the logit difference it stays bounded.',
    ...zhang,
  },
  given: {
    text: 'Scores the model as it is now cut instead of the intact one. A head that backs up another shows only here: alone it looks unimportant, because the other does its work.',
    source: 'McGrath et al. 2023, “The Hydra Effect”, arXiv:2307.15771',
    href: 'https://arxiv.org/abs/2307.15771',
  },
  kl: {
    text: 'How far the ablated distribution Q lies from the control distribution P: Σ P·log(P/Q), in nats. 0 means nothing changed; 0.7 is about a coin flip’s worth of surprise.',
    ...kullback,
  },
  perplexity: {
    text: 'Between how many equally likely tokens the model hesitates on average: exp of the mean negative log-probability. Both runs read the same text, the prompt and the control’s continuation.',
    ...jelinek,
  },
  top1: {
    text: 'The share of positions at which the single most likely next token differs between control and ablated. Both runs read the same text, so one early difference does not count twice.',
    ...zhang,
  },
  logitLens: {
    text: 'Reads the model’s running sum after every layer as if it were the last: final LayerNorm, then unembedding. It shows at which layer a guess appears, hardens or is overruled.',
    ...lens,
  },
  rank: {
    text: 'The place of the followed token among all tokens, sorted by probability at that layer; 0 is the likeliest. It shows a rising candidate long before its probability is visible.',
    ...lens,
  },
  entropy: {
    text: 'How undecided a distribution is, in nats: 0 when one token has all the probability. exp of it is the number of equally likely tokens with the same doubt.',
    ...shannon,
  },
  pattern: {
    text: 'Row i says how the head shares its attention over the tokens up to i; each row sums to 1. Beside it stands the pattern really used under surgery.',
    ...vaswani,
  },
  temperature: {
    text: 'Divides the logits before sampling: below 1 sharpens, above 1 flattens. 0 always takes the likeliest token, so that the same prompt gives the same text.',
    ...sampling,
  },
  topK: {
    text: 'Draws the next token among the k most likely ones only. Without it any token can be drawn, however unlikely.',
    ...sampling,
  },
  seed: {
    text: 'The number the random draws start from: same seed, same texts. Control and ablated draw with the same random numbers, so that they differ by the cut alone.',
    ...sampling,
  },
  bos: {
    text: 'A special token put in front of the prompt, as TransformerLens does. Heads with nothing to do like to rest their attention there.',
    source: 'Xiao et al. 2023, arXiv:2309.17453',
    href: 'https://arxiv.org/abs/2309.17453',
  },
  token: {
    text: 'The pieces the model reads: common words whole, rare ones in parts, spaces included. Everything on this page is counted in them.',
    ...gpt2,
  },
  answerFoil: {
    text: 'The token that is right after the clean prompt, and the one it is held against. Most questions here are about logit(answer) − logit(foil): how much rather the model says the one than the other.',
    ...wang,
  },
  patching: {
    text: 'Runs one prompt with a single activation taken from the run of the other, for each head in turn, and reads how far the metric moves. 0 % means that nothing of the difference between the two runs passes there, 100 % all of it.',
    ...heimersheim,
  },
  denoise: {
    text: 'Restore (denoising) puts a clean activation into the corrupt run: what is enough to bring the answer back? Destroy (noising) puts a corrupt activation into the clean run: what is needed for the answer? With “or” circuits the two differ.',
    ...heimersheim,
  },
  component: {
    text: 'What is taken from the other run. Of a head: z, what it gathered; q, k and v, what it asks with, is found by and passes on; pattern, where it looks. Of a layer: what all its heads or its MLP write, or the running sum before it.',
    ...heimersheim,
  },
  estimate: {
    text: 'A first-order estimate of patching from one backward pass: the difference of the two activations times the gradient of the metric. Exact where the model is linear; it can be wrong where attention or LayerNorm saturate, which the plot shows.',
    ...patching,
  },
  directAttribution: {
    text: 'The last LayerNorm’s scale held as it is, the logit difference is a sum over everything written to the running sum. Each part’s share is what it adds by itself; what it does by way of later layers counts as theirs.',
    ...wang,
  },
  path: {
    text: 'The sender’s value comes from the other prompt, and only its direct way to one input of the receiver lets the difference through: all other heads are held as they were, MLPs and LayerNorms are computed anew.',
    ...wang,
  },
  interaction: {
    text: 'What cutting both changes beyond the sum of cutting each: Δ₁₂ − Δ₁ − Δ₂. Where cutting one lowers the metric, a negative interaction means that they back each other up: together they are missed more than one by one.',
    source: 'McGrath et al. 2023, “The Hydra Effect”, arXiv:2307.15771',
    href: 'https://arxiv.org/abs/2307.15771',
  },
  headKinds: {
    text: 'Small marks on the cells. Measured: on random tokens told twice, heads that look at the token before, at the same token, or at what followed it (induction); and heads whose output makes the token they look at likelier (copying) or unlikelier. Published: as papers name the heads of this model.',
    source: 'Olsson et al. 2022, arXiv:2209.11895',
    href: 'https://arxiv.org/abs/2209.11895',
  },
  circuit: {
    text: 'A set of heads that is claimed to do a task: with every other head replaced, the model should still do it. MLPs stay as they are.',
    ...wang,
  },
  outsideCircuit: {
    text: 'What stands in for them. dataset-mean: their mean over the task’s corrupt prompts, so that what all prompts share stays and what tells them apart goes. resample: what they do on the item’s own corrupt prompt. zero and mean as in the other views.',
    ...wang,
  },
  faithfulness: {
    text: 'Whether the circuit is enough: the mean metric F(C) with every other head replaced, as a share of the whole model’s F(M). The grey band is what random circuits of the same size do.',
    ...wang,
  },
  completeness: {
    text: 'Whether the circuit has all that matters: the same heads K are taken out of it and out of the whole model, and F(C∖K) and F(M∖K) should stay close. Shown is the largest gap found, as a share of F(M); small is good.',
    ...wang,
  },
  minimality: {
    text: 'Whether each head is needed: how much F changes when it is taken out of the circuit, by itself or beside others of its kind. A head that adds less than 1 % of F(M) is superfluous.',
    ...wang,
  },
  circuitCurve: {
    text: 'The circuit of the first k % of the heads for growing k: f = (F − F(no head)) / (F(all) − F(no head)). CPR is the area under it, CMD the area between it and 1.',
    source: 'Mueller et al. 2025 (MIB), arXiv:2504.13151',
    href: 'https://arxiv.org/abs/2504.13151',
  },
  selfRepair: {
    text: 'After a head is cut, later heads, MLPs and the scale of the last LayerNorm move, and often make up for part of what it wrote. What the metric loses less than the head’s own direct share has been repaired.',
    source: 'Rushing and Nanda 2024, arXiv:2402.15390',
    href: 'https://arxiv.org/abs/2402.15390',
  },
}
