import type { Saving } from '@/api/types'
import { bytes, count } from '@/lib/format'

/** How long, how large and how many, as this server's settings have it. */
export const tellLimits = ({ days, max_bytes, client_experiments, client_bytes }: Saving): string =>
  `Each is kept for ${count(Math.round(days), 'day')} and then deleted; it has at most ` +
  `${bytes(max_bytes)} with its results. From one address the server keeps at most ` +
  `${count(client_experiments, 'experiment')} of ${bytes(client_bytes)} together.`
