/** What was written after a prompt, as far as it can be read on. */

type Token = { readonly id: number; readonly text: string }

export type Texts = {
  readonly prompt_tokens: readonly Token[]
  readonly control: { readonly tokens: readonly Token[] }
  readonly ablated: { readonly tokens: readonly Token[] }
}
