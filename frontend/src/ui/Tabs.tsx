import { Tabs as Base } from '@base-ui/react/tabs'
import type { ReactNode } from 'react'

type Props<Id extends string> = {
  label: string
  tabs: readonly { id: Id; label: string; title?: string }[]
  selected: Id
  onSelect: (id: Id) => void
  /** Beside the tabs, at their right end. */
  aside?: ReactNode
  /** The selected tab's panel. */
  children: ReactNode
}

/** Tabs that fill the height they are given; the panel scrolls, the tabs stay. */
export function Tabs<Id extends string>(props: Props<Id>) {
  const { label, tabs, selected, onSelect, aside, children } = props
  return (
    <Base.Root
      value={selected}
      onValueChange={(id) => onSelect(id as Id)}
      className="flex h-full min-h-0 min-w-0 flex-col"
    >
      <div className="flex shrink-0 items-center border-b border-line pr-1 pl-2">
        <Base.List
          aria-label={label}
          activateOnFocus
          className="flex min-w-0 flex-1 overflow-x-auto overflow-y-hidden"
        >
          {tabs.map(({ id, label: name, title }) => (
            <Base.Tab
              key={id}
              value={id}
              title={title}
              className="-mb-px h-10 border-b-2 border-transparent px-2.5 text-[0.8125rem] whitespace-nowrap text-ink-2 transition-colors -outline-offset-2 hover:text-ink data-active:border-ink data-active:font-semibold data-active:text-ink pointer-coarse:h-11"
            >
              {name}
            </Base.Tab>
          ))}
        </Base.List>
        {aside}
      </div>
      <Base.Panel
        key={selected}
        value={selected}
        className="@container relative min-h-0 flex-1 overflow-x-hidden overflow-y-auto overscroll-contain p-3 -outline-offset-2 sm:p-4"
      >
        {children}
      </Base.Panel>
    </Base.Root>
  )
}
