import { ABLATION_METHODS, type AblationMethod } from '@/lib/heads'
import { MethodMark } from '@/ui/MethodMark'
import { Segmented } from '@/ui/Segmented'
import { Term } from '@/ui/Term'

type Props = { value: AblationMethod; onChange: (method: AblationMethod) => void }

/** What the next cut does to a head's pattern. */
export function MethodPicker({ value, onChange }: Props) {
  return (
    <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
      <p className="flex w-16 gap-1 text-xs text-ink-2">
        Cut by <Term id={value}>?</Term>
      </p>
      <Segmented
        label="Ablate with"
        value={value}
        onChange={onChange}
        options={ABLATION_METHODS.map((id) => ({
          id,
          label: (
            <>
              <span className="grid size-4 place-items-center rounded-[3px] bg-cut text-on-cut">
                <MethodMark method={id} />
              </span>
              {id}
            </>
          ),
        }))}
      />
    </div>
  )
}
