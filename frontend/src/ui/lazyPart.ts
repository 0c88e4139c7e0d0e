import { createElement, use, type ComponentType } from 'react'

const failed = new Set<() => void>()

/** Lets every part that could not be loaded be asked for again. */
export function forgetFailures(): void {
  failed.forEach((forget) => forget())
  failed.clear()
}

/**
 * A component loaded when it is first shown. Unlike React's own `lazy`, which keeps a failure for
 * ever, it is loaded anew after `forgetFailures`.
 */
export function lazyPart<Props extends object>(load: () => Promise<ComponentType<Props>>) {
  let loading: Promise<ComponentType<Props>> | null = null
  const forget = () => {
    loading = null
  }

  return function Part(props: Props) {
    loading ??= load().catch((error: unknown) => {
      failed.add(forget)
      throw error
    })
    return createElement(use(loading), props)
  }
}
