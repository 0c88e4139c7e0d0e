import type { Texts } from '@/lib/texts'
import type { Experiment } from '@/lib/experiment'
import { isHead, isInside, type GridShape, type Head } from '@/lib/heads'
import type { Methods } from '@/lib/methods'
import { EmptyNote } from '@/ui/EmptyNote'
import { HeadPicker } from './HeadPicker'
import { PatternPair } from './PatternPair'
import { useAttention } from './useAttention'

type Props = {
  experiment: Experiment
  shape: GridShape
  methods: Methods
  /** The run whose control continuation is read too. */
  texts: Texts | null
  onFocusHead: (head: Head) => void
}

/** Where one head looks: in the control run, and as the surgery leaves it. */
export function AttentionPanel({ experiment, shape, methods, texts, onFocusHead }: Props) {
  const { focus, cuts, prompt } = experiment
  const wanted: Head = focus ?? cuts.filter(isHead).at(-1) ?? { layer: 0, head: 0 }
  const head = isInside(wanted, shape)
    ? { layer: wanted.layer, head: wanted.head }
    : { layer: 0, head: 0 }
  const query = useAttention(experiment, head, texts)

  if (prompt === '') return <EmptyNote>Write a prompt to see where each head looks.</EmptyNote>
  return (
    <div className="space-y-4">
      <HeadPicker shape={shape} head={head} cuts={cuts} onPick={onFocusHead} />
      <PatternPair query={query} head={head} methods={methods} />
    </div>
  )
}
