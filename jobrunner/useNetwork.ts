import { useNetworkOf } from '../common/environmentNetwork.ts';
import { StageError } from './contract/stageError.ts';

/** As {@link useNetworkOf}, for entries: what is wrong with it is a setting to correct, `ConfigurationInvalid`. */
export function useNetwork(env: NodeJS.ProcessEnv): void {
  try {
    useNetworkOf(env);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new StageError(
      'ConfigurationInvalid',
      `The proxy or SSL_CERT_FILE of the environment cannot be used: ${detail}`,
      { cause: error },
    );
  }
}
