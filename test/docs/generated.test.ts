import { readFileSync } from 'node:fs'
import t from 'tap'
import { configurationPage, jsonSchema } from '../../src/config/reference.ts'

const docs = `${import.meta.dirname}/../../docs`

t.test('the pages made from the schema are fresh (npm run docs writes them)', async (t) => {
  t.equal(readFileSync(`${docs}/configuration.md`, 'utf8'), await configurationPage())
  t.same(JSON.parse(readFileSync(`${docs}/configuration.schema.json`, 'utf8')), await jsonSchema())
})
