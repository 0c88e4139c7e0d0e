import { answered } from '@/api/answer'
import type { AttentionResponse } from '@/api/types'
import { HeadPicker } from '@/features/attention/HeadPicker'
import { PatternPair } from '@/features/attention/PatternPair'
import { Refusal } from './Refusal'
import { usePart } from './state'

/** Where one head looks, in control and as used under the cuts. */
export function AttentionPatternPart() {
  const part = usePart<AttentionResponse>()
  const { answer, shape, cuts, methods } = part
  const head = { layer: answer.layer, head: answer.head }
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <HeadPicker
        shape={shape}
        head={head}
        cuts={cuts}
        onPick={(next) => part.ask({ head: next })}
      />
      <PatternPair query={answered(answer, part.stale)} head={head} methods={methods} />
      <Refusal>{part.refusal}</Refusal>
    </div>
  )
}
