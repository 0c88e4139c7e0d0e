import { Popover } from '@base-ui/react/popover'
import { useRef, useState } from 'react'
import { Button } from '@/ui/Button'
import { cx } from '@/ui/cx'
import { POPUP } from '@/ui/popups'
import { useMedia } from '@/ui/useMedia'
import { STEPS, type Target } from './steps'

type Props = {
  /** Heads that the second step cuts, e.g. "L9H6"; null where the reader has cut some already. */
  offer: string | null
  onCut: () => void
  /** Brings into view what a step speaks of. */
  onShow: (target: Target) => void
  onEnd: () => void
}

const elementOf = (target: Target) => document.querySelector<HTMLElement>(`[data-tour~=${target}]`)

/** Outlines what the step speaks of for as long as its card is on the page, and tells of it. */
const outline =
  (target: Target, tell: (element: HTMLElement) => void) => (card: HTMLElement | null) => {
    const element = card && elementOf(target)
    if (!element) return
    tell(element)
    element.dataset['toured'] = ''
    element.scrollIntoView({ block: window.innerWidth < 1024 ? 'start' : 'nearest' })
    return () => {
      delete element.dataset['toured']
    }
  }

/** Four steps, each beside what it speaks of; the second one cuts. Escape ends it. */
export function Tour({ offer, onCut, onShow, onEnd }: Props) {
  const [index, setIndex] = useState(0)
  const [anchor, setAnchor] = useState<HTMLElement | null>(null)
  const next = useRef<HTMLButtonElement>(null)
  const isNarrow = useMedia('(max-width: 63.99rem)')
  const step = STEPS[index]
  if (!step) return null
  const isPanel = step.target === 'changes' || step.target === 'lens'
  const cuts = step.target === 'grid' && offer !== null

  function go(to: number) {
    const target = STEPS[to]?.target
    if (cuts && to > index) onCut()
    if (!target) return onEnd()
    onShow(target)
    setIndex(to)
  }

  return (
    <Popover.Root
      open
      onOpenChange={(_, { reason }) => {
        if (reason === 'escape-key') onEnd()
      }}
    >
      <Popover.Portal>
        <Popover.Positioner
          anchor={anchor}
          side={step.side}
          sideOffset={12}
          collisionPadding={12}
          className={cx(
            'z-50',
            isNarrow && 'fixed! inset-x-3! transform-none!',
            isNarrow && (isPanel ? 'top-3! bottom-auto!' : 'top-auto! bottom-20!'),
          )}
        >
          <Popover.Popup
            aria-label="First steps"
            initialFocus={next}
            className={cx(POPUP, 'p-4', !isNarrow && 'w-80')}
          >
            <div key={index} ref={outline(step.target, setAnchor)}>
              <p className="tabular text-xs text-ink-3">
                Step {index + 1} of {STEPS.length}
              </p>
              <h2 className="mt-0.5 font-semibold">{step.title}</h2>
              <p className="mt-1 text-[0.8125rem] leading-relaxed text-pretty text-ink-2">
                {step.text}
                {cuts && ` Next cuts ${offer} for you.`}
              </p>
            </div>
            <div className="mt-3 flex items-center justify-between gap-2">
              <Button look="quiet" size="small" onClick={onEnd}>
                Skip the tour
              </Button>
              <div className="flex gap-2">
                <Button
                  size="small"
                  onClick={() => go(index - 1)}
                  disabledReason={index === 0 && 'This is the first step.'}
                >
                  Back
                </Button>
                <Button ref={next} size="small" look="primary" onClick={() => go(index + 1)}>
                  {index === STEPS.length - 1 ? 'Done' : cuts ? 'Cut and go on' : 'Next'}
                </Button>
              </div>
            </div>
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  )
}
