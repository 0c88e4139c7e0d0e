import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { codeModel, pythonCode, type CodeRun } from './codeExport'

const folder = '../tests/exported_code'
type Run = Omit<CodeRun, 'model'>
const runs = JSON.parse(readFileSync(`${folder}/runs.json`, 'utf8')) as Record<string, Run>
const bundled = codeModel('gpt2-mini-12x12', true)
const run = runs['greedy_zero']!

/** tests/test_exported_code.py runs these very files and compares their numbers. */
test.each(Object.entries(runs))('the script of %s is the committed one', async (name, run) => {
  const path = `../../../tests/exported_code/${name}.py`
  await expect(pythonCode({ ...run, model: bundled })).toMatchFileSnapshot(path)
})

test('the script for GPT-2 is the committed one', async () => {
  const path = '../../../tests/exported_code/from_hub.py'
  await expect(pythonCode({ ...run, model: codeModel('gpt2', false) })).toMatchFileSnapshot(path)
})

test('the script says only what the run uses', () => {
  const greedy = pythonCode({ ...run, model: bundled })
  expect(greedy).not.toMatch(/SEED|TEMPERATURE|def mean|def previous|remember/)
  const sampled = pythonCode({ ...runs['sampled']!, model: bundled })
  expect(sampled).toContain('SEED = 7')
  expect(sampled).not.toContain('TOP_K')
})

test('GPT-2 comes from TransformerLens itself, unprocessed', () => {
  const code = pythonCode({ ...run, model: codeModel('gpt2', false) })
  expect(code).toContain('HookedTransformer.from_pretrained_no_processing("gpt2"')
  expect(code).not.toContain('MODEL_DIR')
})

test('a model of some directory asks for the path at one place', () => {
  const code = pythonCode({ ...run, model: codeModel('my-gpt2', false) })
  expect(code.match(/Path\("my-gpt2"\)/g)).toHaveLength(1)
})

describe('a prompt of any characters stays one Python string', () => {
  test.each(['"""', "it's", 'a\\b', 'line\nline', '\u2028', '😀', '\ud800', '\0', '{x}'])(
    '%j',
    (prompt) => {
      const code = pythonCode({ ...run, prompt, model: bundled })
      expect(code).toContain(`\nPROMPT = ${JSON.stringify(prompt)}\n`)
    },
  )
})
