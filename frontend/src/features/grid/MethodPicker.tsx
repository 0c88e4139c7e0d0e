import { ABLATION_METHODS, type AblationMethod } from '@/lib/heads'
import { MethodMark } from '@/ui/MethodMark'
import { Segmented } from '@/ui/Segmented'
import { Term } from '@/ui/Term'

type Props = { value: AblationMethod; onChange: (method: AblationMethod) => void }

/** What the next cut does to a head's pattern. */
export function MethodPicker({ value, onChange }: Props) {
  return (
    <div>
      <p className="mb-1 text-xs text-ink-2">
        Ablate with <Term id={value} />
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
