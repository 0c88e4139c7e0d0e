import { encodeCircuit } from '@/lib/circuitLink'
import { writeQuery } from '@/lib/query'
import { ShareButton } from '../ShareButton'
import { useHistorySteps } from '../views/useHistorySteps'
import { ViewBar } from '../views/ViewBar'
import { useCircuitQuestion } from './useCircuit'

/** The model, the way back, and the link. */
export function CircuitBar() {
  const { question, models, model, update } = useCircuitQuestion()
  const steps = useHistorySteps()
  return (
    <ViewBar
      models={models}
      model={model}
      // Heads are of a model: another one has its own circuit.
      onChooseModel={(name) => update({ model: name, heads: null, focus: null }, { push: true })}
      {...steps}
    >
      <ShareButton path={`/circuit${writeQuery(encodeCircuit(question))}`} />
    </ViewBar>
  )
}
