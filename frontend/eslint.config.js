import js from '@eslint/js'
import jsxA11y from 'eslint-plugin-jsx-a11y'
import reactHooks from 'eslint-plugin-react-hooks'
import globals from 'globals'
import { readdirSync } from 'node:fs'
import tseslint from 'typescript-eslint'

const folder = (name) => [`@/${name}`, `@/${name}/*`, `**/${name}/*`]

/** A feature's neighbour is one step up, whatever is written. */
const neighbour = (name) => [...folder(`features/${name}`), `../${name}`, `../${name}/*`]

/** Imports point one way: features → charts, api → ui → lib. Only src/app knows them all. */
const mayNotImport = (files, names, message) => ({
  files,
  rules: {
    'no-restricted-imports': [
      'error',
      { patterns: names.map((name) => ({ group: folder(name), message })) },
    ],
  },
})

const features = readdirSync(new URL('./src/features', import.meta.url))

export default tseslint.config(
  { ignores: ['dist', 'node_modules', 'src/api/schema.d.ts', 'test-results'] },
  js.configs.recommended,
  tseslint.configs.strict,
  jsxA11y.flatConfigs.strict,
  reactHooks.configs.flat['recommended-latest'],
  {
    languageOptions: { globals: { ...globals.browser, ...globals.node } },
    rules: {
      'max-lines-per-function': ['error', { max: 140, skipBlankLines: true, skipComments: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
    },
  },
  {
    files: ['src/**/*.{ts,tsx}', 'e2e/**/*.ts'],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
    },
  },
  {
    files: ['**/*.test.{ts,tsx}', 'e2e/**', 'scripts/**'],
    rules: {
      'max-lines-per-function': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  mayNotImport(
    ['src/lib/**/*.{ts,tsx}'],
    ['ui', 'api', 'charts', 'features', 'app'],
    'lib is pure: it imports nothing above it.',
  ),
  mayNotImport(
    ['src/ui/**/*.{ts,tsx}'],
    ['api', 'charts', 'features', 'app'],
    'ui takes plain props: it imports lib alone.',
  ),
  mayNotImport(
    ['src/api/**/*.{ts,tsx}'],
    ['charts', 'features', 'app'],
    'api knows no chart and no feature.',
  ),
  mayNotImport(
    ['src/charts/**/*.{ts,tsx}'],
    ['api', 'features', 'app'],
    'charts take plain props.',
  ),
  ...features.map((name) => ({
    files: [`src/features/${name}/**/*.{ts,tsx}`],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            folder('app'),
            ...features.filter((other) => other !== name).map(neighbour),
          ].map((group) => ({
            group,
            message: 'Features do not import each other; src/app composes them.',
          })),
        },
      ],
    },
  })),
)
