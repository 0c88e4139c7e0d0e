import { FLOWS, INPUTS, type Flow, type Input, type Patch } from '@/lib/patch'
import { Segmented } from '@/ui/Segmented'
import { Term } from '@/ui/Term'

type Props = { patch: Patch; onUpdate: (patch: Partial<Patch>) => void }

const FLOW_NAMES: Readonly<Record<Flow, string>> = { into: 'what feeds it', from: 'what it feeds' }
const INPUT_NAMES: Readonly<Record<Input, string>> = {
  q: 'what the head looks for',
  k: 'what tokens are found by',
  v: 'what tokens pass on',
}

/** Which way paths are followed, and by which input. */
export function PathControls({ patch, onUpdate }: Props) {
  return (
    <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
      <p className="flex w-14 gap-1 text-xs text-ink-2">
        Paths <Term id="path">?</Term>
      </p>
      <Segmented
        label="Which way"
        value={patch.flow}
        onChange={(flow) => onUpdate({ flow })}
        options={FLOWS.map((id) => ({ id, label: FLOW_NAMES[id] }))}
      />
      <span className="text-xs text-ink-2">by</span>
      <Segmented
        label="By which input"
        value={patch.input}
        onChange={(input) => onUpdate({ input })}
        options={INPUTS.map((id) => ({ id, label: id, title: INPUT_NAMES[id] }))}
      />
    </div>
  )
}
