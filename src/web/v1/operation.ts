type Part = Record<string, unknown>

/** What can be asked at an address, as OpenAPI has it. */
export interface Operation {
  summary: string
  description: string
  parameters?: Part[]
  requestBody?: { required: boolean; content: Record<string, Part> }
  responses: Record<string, { description: string; headers?: Part; content?: Record<string, Part> }>
  security?: Part[]
}
