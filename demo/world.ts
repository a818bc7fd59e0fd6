import { catalogue, type Site, sites, type Work } from './catalogue.ts'
import { sourceMetadata } from './metadata.ts'
import type { Random } from './random.ts'

export interface Person {
  id: number
  site: Site
  historyIds: number[]
}

/** A row of `workflow`. */
export interface Revision {
  id: number
  name: string
  uuid: string
  sourceMetadata: string | null
  createdDaysAgo: number
}

/** A row of `stored_workflow`: somebody's copy of a work. */
export interface StoredWorkflow {
  id: number
  work: Work
  owner: Person
  published: boolean
  /** Oldest first; people run the last one. */
  revisions: Revision[]
  /** Revisions that run inside of it, as invocations of their own. */
  subworkflows: Revision[]
}

export interface World {
  people: Person[]
  storedWorkflows: StoredWorkflow[]
}

const peopleCount = 90

/** A server's people and workflows, the same for the same chance. */
export function makeWorld(random: Random): World {
  let lastId = 1200
  const nextId = () => {
    lastId += random.between(1, 9)
    return lastId
  }
  const people = makePeople(random, nextId)

  const makeRevision = (name: string, sourceMetadata: string | null, createdDaysAgo: number): Revision => ({
    id: nextId(),
    name,
    uuid: random.hexDigits(32),
    sourceMetadata,
    createdDaysAgo,
  })

  const makeStoredWorkflow = (work: Work, owner: Person): StoredWorkflow => {
    const importedDaysAgo = random.between(20, 700)
    const revisions = [makeRevision(work.name, sourceMetadata(work.provenance, random), importedDaysAgo)]
    // An edit keeps the workflow and drops where it came from; the collector finds it in the earlier revision.
    if (random.chance(0.25)) {
      const name = random.chance(0.4) ? `${work.name} (edited)` : work.name
      revisions.push(makeRevision(name, null, random.between(8, 19)))
    }
    const hasSubworkflow = work.weight >= 7 && random.chance(0.5)
    return {
      id: nextId(),
      work,
      owner,
      published: random.chance(0.2),
      revisions,
      subworkflows: hasSubworkflow ? [makeRevision(`${work.name}: reports`, null, importedDaysAgo)] : [],
    }
  }

  const storedWorkflows = catalogue.flatMap((work) => {
    const copies = work.provenance.kind === 'local' ? 1 : random.between(1, work.weight >= 6 ? 9 : 4)
    return Array.from({ length: copies }, () => {
      const owner = random.pickWeighted(people, (person) => (person.site === work.site ? 8 : 1))
      return makeStoredWorkflow(work, owner)
    })
  })
  return { people, storedWorkflows }
}

function makePeople(random: Random, nextId: () => number): Person[] {
  const siteNames = Object.keys(sites) as Site[]
  return Array.from({ length: peopleCount }, () => ({
    id: nextId(),
    site: random.pick(siteNames),
    historyIds: Array.from({ length: random.between(1, 4) }, nextId),
  }))
}
