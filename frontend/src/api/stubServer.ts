import { vi } from 'vitest'

/** In tests: answers the page's requests in place of a server. */
export function stubServer(
  respond: (path: string, body: unknown) => Response | Promise<Response>,
): void {
  vi.stubGlobal('fetch', async (input: string | Request, init?: RequestInit) => {
    const request = new Request(input, init)
    const text = await request.text()
    return respond(new URL(request.url).pathname, text === '' ? null : JSON.parse(text))
  })
}
