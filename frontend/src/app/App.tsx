import { QueryClientProvider } from '@tanstack/react-query'
import { useState } from 'react'
import { createQueryClient } from './queryClient'
import { Surgery } from './Surgery'
import { WorkspaceProvider } from './WorkspaceContext'

export function App() {
  const [client] = useState(createQueryClient)
  return (
    <QueryClientProvider client={client}>
      <WorkspaceProvider>
        <Surgery />
      </WorkspaceProvider>
    </QueryClientProvider>
  )
}
