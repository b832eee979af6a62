import { StageError } from './contract/stageError.ts';

/** The outside services, and the variables each cannot do without. */
export const SERVICE_VARIABLES = {
  openai: ['OPENAI_API_KEY'],
  pinecone: ['PINECONE_API_KEY', 'PINECONE_INDEX'],
  supabase: ['SUPABASE_URL', 'SUPABASE_ANON_KEY'],
} as const;

export type ServiceName = keyof typeof SERVICE_VARIABLES;
export type ServiceVariable = (typeof SERVICE_VARIABLES)[ServiceName][number];

export const SERVICE_NAMES = ['openai', 'pinecone', 'supabase'] as const satisfies readonly ServiceName[];

export interface ServiceChoiceInput {
  /** Whether a part of the variables is an error even where each service is whole. */
  readonly production: boolean;
  /** Services that stay embedded on purpose (LOOMVIDEO_EMBEDDED), whatever is set for them. */
  readonly embedded: ReadonlySet<ServiceName>;
  readonly given: ReadonlySet<ServiceVariable>;
  /** Services the work at hand uses: what the others lack does not matter. */
  readonly needed: readonly ServiceName[];
}

/**
 * Which of the needed services are used from outside; the rest are embedded. A service with a part of its variables is an
 * error; in production so is one without any while another has some, since a forgotten key would otherwise send a video's
 * vectors to one place and its records to another. Throws `CredentialsMissing` with the name of each missing variable.
 */
export function chooseServices(input: ServiceChoiceInput): ReadonlySet<ServiceName> {
  const { production, embedded, given, needed } = input;
  const asked = needed.filter((name) => !embedded.has(name));
  const outside = asked.filter((name) => variablesOf(name).some((variable) => given.has(variable)));
  const expected = production && outside.length > 0 ? asked : outside;
  const incomplete = expected.filter((name) => variablesOf(name).some((variable) => !given.has(variable)));
  if (incomplete.length === 0) return new Set(outside);
  const missing = incomplete.flatMap((name) => variablesOf(name).filter((variable) => !given.has(variable)));
  const stay = [...embedded, ...incomplete].join(',');
  throw new StageError(
    'CredentialsMissing',
    `Missing: ${missing.join(', ')}. Set ${missing.length === 1 ? 'it' : 'them'}, or say that the embedded default is meant: LOOMVIDEO_EMBEDDED=${stay}.`,
  );
}

function variablesOf(name: ServiceName): readonly ServiceVariable[] {
  return SERVICE_VARIABLES[name];
}
