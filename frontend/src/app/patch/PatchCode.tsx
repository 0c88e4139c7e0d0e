import { CodePanel } from '@/features/export/CodePanel'
import { EmptyNote } from '@/ui/EmptyNote'
import type { Page } from './usePage'

/** Each analysis of the two prompts as a script. */
export function PatchCode({ page }: { page: Page }) {
  const { pair, whole, contrast, patch, paths, interactions, model } = page
  if (pair.waiting) return <EmptyNote>{pair.waiting}</EmptyNote>
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-6">
      {whole.body && (
        <CodePanel
          path="/patching"
          body={whole.body}
          waiting={false}
          about={`Patching ${patch.component}: plain TransformerLens that prints the grid’s numbers.`}
          name={`Patching ${patch.component}`}
        />
      )}
      {contrast && (
        <CodePanel
          path="/attribution"
          body={contrast}
          waiting={false}
          about="Direct logit attribution: plain TransformerLens that prints every part."
          name="Direct logit attribution"
        />
      )}
      {paths.body && (
        <CodePanel
          path="/paths"
          body={paths.body}
          waiting={false}
          about="Path patching of the head looked at: plain TransformerLens that prints every path."
          name="Paths"
        />
      )}
      {interactions.body && (
        <CodePanel
          path="/interactions"
          body={interactions.body}
          waiting={false}
          about="Interactions: plain TransformerLens that cuts all pairs, one pass each. It takes long."
          name="Interactions"
        />
      )}
      {contrast && (
        <CodePanel
          path="/self-repair"
          body={contrast}
          waiting={false}
          about="Self-repair: plain TransformerLens that cuts every head and prints who moves."
          name="Self-repair"
        />
      )}
      {model && patch.marks === 'measured' && (
        <CodePanel
          path="/head-types"
          body={{ model: model.name }}
          waiting={false}
          about="Kinds of heads: plain TransformerLens that measures what the grid marks."
          name="Kinds of heads"
        />
      )}
    </div>
  )
}
