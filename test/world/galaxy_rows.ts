// The rows of Galaxy's database that a world has. Times are microseconds since 1970, UTC, as the columns can hold them.

export type User = { id: number; email: string; username: string | null }

export type History = { id: number; userId: number | null }

export type StoredWorkflow = {
  id: number
  userId: number
  latestWorkflowId: number | null
  name: string | null
  deleted: boolean
  published: boolean | null
}

/** A row of `workflow`. */
export type Revision = {
  id: number
  storedWorkflowId: number | null
  name: string | null
  /** 32 digits, no dashes. */
  uuid: string | null
  sourceMetadata: Buffer | null
  createdMicros: number
}

export type Invocation = {
  id: number
  workflowId: number
  historyId: number | null
  state: string
  uuid: string
  createdMicros: number
}

export type SubworkflowAssociation = { invocationId: number; subworkflowInvocationId: number }

export type GalaxyRows = {
  users: User[]
  histories: History[]
  storedWorkflows: StoredWorkflow[]
  revisions: Revision[]
  invocations: Invocation[]
  subworkflows: SubworkflowAssociation[]
}
