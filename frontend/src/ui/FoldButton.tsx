import { Button } from './Button'
import { cx } from './cx'

type Props = {
  folded: boolean
  onFold: (folded: boolean) => void
  /** What it folds away, e.g. "Tokens, settings and note". */
  what: string
  className?: string
}

/** Folds what need not be seen all the time, and shows it again. */
export const FoldButton = ({ folded, onFold, what, className }: Props) => (
  <Button
    look="quiet"
    aria-label={what}
    aria-expanded={!folded}
    title={`${folded ? 'Show' : 'Fold'} ${what.charAt(0).toLowerCase()}${what.slice(1)}`}
    onClick={() => onFold(!folded)}
    className={cx('w-9 px-0!', className)}
  >
    <span aria-hidden className={cx('text-xs transition-transform', !folded && 'rotate-180')}>
      ▾
    </span>
  </Button>
)
