/** What is used of swagger-ui-dist, which has no types. */
declare module 'swagger-ui-dist/swagger-ui-es-bundle.js' {
  export default function SwaggerUI(options: {
    dom_id: string
    url: string
    deepLinking?: boolean
    defaultModelsExpandDepth?: number
    displayRequestDuration?: boolean
    tryItOutEnabled?: boolean
    validatorUrl?: string | null
  }): unknown
}
