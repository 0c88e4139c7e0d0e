import type { Page } from './usePage'

export function Lenses({ page }: { page: Page }) {
  return <pre>{page.experiment.tab}</pre>
}
