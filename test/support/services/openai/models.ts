export interface EmbeddingModel {
  readonly id: string;
  /** Length of its vectors. */
  readonly dimensions: number;
  /** Whether a request may ask for shorter ones: text-embedding-3 and later (openapi.yaml 2.3.0). */
  readonly shortens: boolean;
}

/** The enum of CreateEmbeddingRequest (openapi.yaml 2.3.0); lengths: developers.openai.com/api/docs/guides/embeddings. */
export const OPENAI_MODELS: readonly EmbeddingModel[] = [
  { id: 'text-embedding-3-small', dimensions: 1536, shortens: true },
  { id: 'text-embedding-3-large', dimensions: 3072, shortens: true },
  { id: 'text-embedding-ada-002', dimensions: 1536, shortens: false },
];
