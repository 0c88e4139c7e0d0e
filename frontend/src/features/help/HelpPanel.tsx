import { Boundary } from '@/ui/Boundary'
import { lazyPart } from '@/ui/lazyPart'
import { Popup } from '@/ui/Popup'

const HelpContent = lazyPart(() => import('./HelpContent').then((m) => m.HelpContent))

type Props = { onTour: () => void }

/** Help, loaded when it is asked for. */
export function HelpPanel({ onTour }: Props) {
  return (
    <Popup label="Help" look="quiet">
      {(close) => (
        <div className="w-96 max-w-full p-2.5 text-[0.8125rem]">
          <Boundary name="Help">
            <HelpContent
              onTour={() => {
                close()
                onTour()
              }}
            />
          </Boundary>
        </div>
      )}
    </Popup>
  )
}
