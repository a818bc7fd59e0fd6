// The shape of the house: imports run down, type imports too, and files stay small enough to read.
import { execFileSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { test } from 'tap'
import typescript from 'typescript'
import { needs } from './services/needed.ts'

/** From the top down. A room may import from the floors below its own, and from itself. */
const floors = [
  ['main', 'page'],
  ['commands'],
  ['config'],
  ['audit'],
  ['sources', 'transforms', 'sinks', 'web'],
  ['nginx'],
  ['galaxy', 'lines', 'store', 'outbox', 'probing', 'broker'],
  ['availability'],
  ['events'],
  ['pipeline', 'clients'],
  ['base'],
]

/** Forbidden although it would run down. */
const forbidden = [
  ['galaxy', 'pipeline'],
  ['nginx', 'galaxy'],
  ['galaxy', 'events'],
]

/** Rooms whose files don't know each other; a folder beside a file of the same name belongs to it. */
const roomsOfStrangers = ['sources']

const forbiddenNames = /^(utils?|helpers?|common|types|index)$/
const longestFile = 260

const root = join(import.meta.dirname, '..')
const source = join(root, 'src')
const files = globSync('**/*.{ts,tsx}', { cwd: source }).sort()

/** `sources/files.ts` is in the room `sources`, `main.ts` and `config.ts` are rooms of one file. */
const roomOf = (file: string) => file.split('/')[0]!.replace(/\.tsx?$/, '')
const partOf = (file: string) => file.split('/')[1]?.replace(/\.tsx?$/, '')
const floorOf = (file: string) => floors.findIndex((rooms) => rooms.includes(roomOf(file)))
const textOf = (file: string) => readFileSync(join(source, file), 'utf8')

/** The files of src/ that one imports: by `import`, `import type`, `export from`, `import()` and in types. */
function importsOf(file: string): string[] {
  const { importedFiles } = typescript.preProcessFile(textOf(file))
  return importedFiles
    .map(({ fileName }) => fileName)
    .filter((name) => name.startsWith('.'))
    .map((name) => relative(source, join(source, dirname(file), name)))
}

const imports = new Map(files.map((file) => [file, importsOf(file)]))

/** What a browser gets of the other rooms. */
const forBrowsers = ['store/view.ts', 'availability/view.ts', 'web/view.ts']

/** Why a file must not import another; nothing where it may. */
function objection(from: string, to: string): string | undefined {
  if (!imports.has(to)) return 'is not a file of src/'
  if (roomOf(from) === roomOf(to)) {
    const strangers = roomsOfStrangers.includes(roomOf(from)) && partOf(from) !== partOf(to)
    return strangers ? 'is a stranger in the same room' : undefined
  }
  if (roomOf(from) === 'page' && !forBrowsers.includes(to)) return 'is not made for browsers'
  if (forbidden.some(([above, below]) => roomOf(from) === above && roomOf(to) === below)) return 'is forbidden to it'
  const [above, below] = [floorOf(from), floorOf(to)]
  if (above === below) return 'is another room on the same floor'
  return above < below ? undefined : 'is on a floor above'
}

/** The first circle of imports found, as a path that ends where it began. */
function circle(): string[] | undefined {
  const done = new Set<string>()
  const visit = (file: string, path: string[]): string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file]
    if (done.has(file)) return undefined
    for (const next of imports.get(file) ?? []) {
      const found = visit(next, [...path, file])
      if (found) return found
    }
    done.add(file)
    return undefined
  }
  for (const file of files) {
    const found = visit(file, [])
    if (found) return found
  }
  return undefined
}

test('every file is in a room of the table', async (t) => {
  t.not(files.length, 0)
  t.same(
    files.filter((file) => floorOf(file) < 0),
    [],
  )
})

test('what is written about the rooms names them as they are', async (t) => {
  const contributing = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8')
  const [list = ''] = /^`main`[\s\S]*?(?=\n\n)/m.exec(contributing) ?? []
  t.same(
    list.split('→').map((floor) => [...floor.matchAll(/`(\w+)`/g)].map(([, room]) => room)),
    floors,
  )
  const architecture = readFileSync(join(root, 'docs/architecture.md'), 'utf8')
  const named = [...architecture.matchAll(/^\| ((?:`\w+`(?:, )?)+) \|/gm)].flatMap(([, rooms]) => rooms!.match(/\w+/g))
  const missing = floors.flat().filter((room) => room !== 'main' && !named.includes(room))
  t.same(missing, [])
})

test('imports run down', async (t) => {
  const objections = [...imports].flatMap(([from, all]) =>
    all.flatMap((to) => {
      const reason = objection(from, to)
      return reason === undefined ? [] : [`${from} imports ${to}, which ${reason}`]
    }),
  )
  t.same(objections, [])
})

test('there is no circle', async (t) => {
  t.same(circle(), undefined)
})

test('no file is a drawer for everything, and none is too long', async (t) => {
  const segments = (file: string) => file.replace(/\.tsx?$/, '').split('/')
  t.same(
    files.filter((file) => segments(file).some((name) => forbiddenNames.test(name))),
    [],
  )
  t.same(
    files.filter((file) => textOf(file).trimEnd().split('\n').length > longestFile),
    [],
  )
})

test('nothing in the repository names a package registry', needs('git'), async (t) => {
  const all = filesOfRepository()
  t.ok(all.includes('package-lock.json'))
  const names = [
    /\bregistry\.(npmjs|yarnpkg|npmmirror)\b/,
    /\bnpm\.pkg\.github\b/,
    /\b(pypi\.org|files\.pythonhosted\.org|proxy\.golang\.org)\b/,
    /\b(deb|security|archive|ftp[\w.]*|ports)\.(debian|ubuntu)\.(org|com)\b/,
    /https?:\/\/[^\s/"']*(registry|artifactory|verdaccio|nexus|pypi)[^\s/"']*[:/]/i,
    /"resolved": *"http/,
    /^(@[\w-]+:)?registry *=/m,
  ]
  const machine = process.env.npm_config_registry?.match(/^https?:\/\/([^/]+)/)?.[1]
  const found = all.flatMap((file) => {
    const text = readIfThere(join(root, file))
    const isNamed = names.some((name) => name.test(text)) || (machine !== undefined && text.includes(machine))
    return isNamed ? [file] : []
  })
  t.same(found, [])
})

test('the lock file knows the packages of every platform, without which npm ci refuses it', async (t) => {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { packages: LockFile }
  const names = new Set(Object.keys(packages).map((path) => path.replace(/^.*node_modules\//, '')))
  const wanted = Object.values(packages).flatMap(({ optionalDependencies = {} }) => Object.keys(optionalDependencies))
  t.same(
    wanted.filter((name) => !names.has(name)),
    [],
  )
})

type LockFile = Record<string, { optionalDependencies?: Record<string, string> }>

/** What git has or would take. */
function filesOfRepository(): string[] {
  const git = ['ls-files', '--cached', '--others', '--exclude-standard', '-z']
  return execFileSync('git', git, { cwd: root, encoding: 'utf8' }).split('\0').filter(Boolean)
}

/** A file may have been deleted and still be in git's index. */
function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}
