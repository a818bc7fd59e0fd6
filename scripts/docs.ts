// Writes the pages of docs/ that are made from the code: `npm run docs`.
import { writeFileSync } from 'node:fs'
import { configurationPage, jsonSchema } from '../src/config/reference.ts'

const docs = `${import.meta.dirname}/../docs`
writeFileSync(`${docs}/configuration.md`, await configurationPage())
writeFileSync(`${docs}/configuration.schema.json`, `${JSON.stringify(await jsonSchema(), null, 2)}\n`)
