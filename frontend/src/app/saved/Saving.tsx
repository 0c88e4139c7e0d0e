import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { savingQuery } from '@/api/queries'
import { Segmented } from '@/ui/Segmented'
import { MakeClass } from '../classroom/MakeClass'
import { SaveExperiment } from './SaveExperiment'

const WAYS = [
  { id: 'experiment', label: 'This experiment' },
  { id: 'class', label: 'A classroom link' },
] as const

/** What can be kept on the server: the experiment, or a question to a class about it. */
export function Saving() {
  const { data: saving } = useQuery(savingQuery())
  const [way, setWay] = useState<(typeof WAYS)[number]['id']>('experiment')
  if (!saving) return null
  return (
    <div className="grid w-80 max-w-full gap-3 p-2 text-sm">
      {saving.classes && (
        <Segmented label="What is kept" options={WAYS} value={way} onChange={setWay} />
      )}
      {way === 'class' ? <MakeClass saving={saving} /> : <SaveExperiment saving={saving} />}
    </div>
  )
}
