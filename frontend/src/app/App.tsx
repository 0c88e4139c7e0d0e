import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { useState } from 'react'
import { PatchProvider } from './patch/PatchContext'
import { createQueryClient } from './queryClient'
import { createViewRouter } from './router'
import { WorkspaceProvider } from './WorkspaceContext'

export function App() {
  const [client] = useState(createQueryClient)
  const [router] = useState(() => createViewRouter())
  return (
    <QueryClientProvider client={client}>
      <WorkspaceProvider history={router.history}>
        <PatchProvider history={router.history}>
          <RouterProvider router={router} />
        </PatchProvider>
      </WorkspaceProvider>
    </QueryClientProvider>
  )
}
