/** The page at /docs: Swagger UI over /openapi.json, from this server alone. */
import SwaggerUI from 'swagger-ui-dist/swagger-ui-es-bundle.js'
import 'swagger-ui-dist/swagger-ui.css'
import './reference.css'

// Swagger UI has its own name for what theme.js has decided.
const root = document.documentElement
root.classList.toggle('dark-mode', root.classList.contains('dark'))

SwaggerUI({
  dom_id: '#reference',
  url: '/openapi.json',
  deepLinking: true,
  displayRequestDuration: true,
  defaultModelsExpandDepth: 0,
  tryItOutEnabled: true,
  // Else it would show the document to a validator on another host.
  validatorUrl: null,
})
