/** A refusal or failure, with the server's own sentence where there is one. */
export class ApiError extends Error {
  constructor(
    readonly detail: string,
    readonly error: string,
    readonly status: number,
    /** Seconds after which trying again makes sense; null when the server did not say. */
    readonly retryAfter: number | null = null,
  ) {
    super(detail)
    this.name = 'ApiError'
  }

  /** No answer at all: the server is down or the network is. */
  get isLost(): boolean {
    return this.error === 'ServerLost'
  }

  /** The answer broke off: by itself, or because its server went away. */
  get isBroken(): boolean {
    return this.error === 'StreamBroken'
  }

  /** It says what is wrong with the request: the same again cannot help. */
  get isRefusal(): boolean {
    return this.status >= 400 && this.status < 500 && this.status !== 408 && this.status !== 429
  }
}

export const lostServer = () =>
  new ApiError('The server does not answer. The page keeps trying to reach it.', 'ServerLost', 0)

export const isAbort = (error: unknown): boolean =>
  error instanceof DOMException && error.name === 'AbortError'

function retryAfterOf(response: Response): number | null {
  const seconds = Number(response.headers.get('Retry-After') ?? Number.NaN)
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : null
}

/** The proxy in front answers 502 or 504 without our JSON when the server behind it is gone. */
const isGateway = (status: number) => status === 502 || status === 504 || status === 500

export async function errorOf(response: Response): Promise<ApiError> {
  const body: unknown = await response.json().catch(() => null)
  if (typeof body === 'object' && body !== null && 'detail' in body) {
    const detail = typeof body.detail === 'string' ? body.detail : JSON.stringify(body.detail)
    const error = 'error' in body && typeof body.error === 'string' ? body.error : 'Error'
    return new ApiError(detail, error, response.status, retryAfterOf(response))
  }
  if (isGateway(response.status)) return lostServer()
  return new ApiError(
    `The server answered ${response.status} ${response.statusText}`.trim() + '.',
    'UnexpectedAnswer',
    response.status,
    retryAfterOf(response),
  )
}
