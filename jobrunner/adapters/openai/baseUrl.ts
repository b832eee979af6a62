import { StageError } from '../../contract/stageError.ts';

/** The `servers` entry of OpenAI's API document (openapi.yaml 2.3.0). */
const OPENAI = 'https://api.openai.com/v1';

export interface EmbeddingServer {
  /** For the client library. */
  readonly url: string;
  /** For messages: whose answer it is. */
  readonly name: string;
}

/**
 * OpenAI, or the compatible server that OPENAI_BASE_URL names. Throws `ConfigurationInvalid` for what no request could
 * be sent to: `fetch` refuses a URL with a password in it, and paths are added to the URL's end.
 */
export function embeddingServer(baseUrl: string | undefined): EmbeddingServer {
  if (baseUrl === undefined) return { url: OPENAI, name: 'OpenAI' };
  const url = URL.parse(baseUrl);
  // The value is not repeated: a password may be in it.
  if (!url || !/^https?:$/.test(url.protocol))
    throw invalid('is no http or https URL such as https://api.openai.com/v1');
  if (url.username !== '' || url.password !== '')
    throw invalid('holds a user name or password: give the key in OPENAI_API_KEY');
  if (url.hash !== '') throw invalid('holds a #: the paths of the API cannot be added to it');
  return { url: url.href, name: `The embedding server ${url.host}` };
}

function invalid(fault: string): StageError {
  return new StageError('ConfigurationInvalid', `OPENAI_BASE_URL ${fault}.`);
}
