import { StageError } from '../../contract/stageError.ts';

/**
 * A host as the client takes it, without a slash at its end. Throws `ConfigurationInvalid`, which does not repeat the
 * value (it may hold a password), for what is no http or https URL.
 */
export function hostUrl(value: string, variable: string): string {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const plain =
    url !== undefined &&
    (url.protocol === 'https:' || url.protocol === 'http:') &&
    url.username === '' &&
    url.password === '' &&
    url.search === '' &&
    url.hash === '';
  if (!plain)
    throw new StageError(
      'ConfigurationInvalid',
      `${variable} is not an http or https URL such as https://my-index-abc123.svc.aped-4627-b74a.pinecone.io: copy it from https://app.pinecone.io.`,
    );
  return value.replace(/\/+$/, '');
}
