import type { AccessSource } from './access.ts';
import { inClusterAccess } from './inClusterAccess.ts';
import { kubeconfigAccess } from './kubeconfigAccess.ts';

/** What the environment says of the cluster. */
export interface ClusterEnvironment {
  /** KUBECONFIG */
  readonly kubeconfig: string | undefined;
  /** KUBERNETES_SERVICE_HOST */
  readonly serviceHost: string | undefined;
  /** KUBERNETES_SERVICE_PORT */
  readonly servicePort: string | undefined;
}

/**
 * The access that is meant, in the order controller-runtime looks: the kubeconfig that is named, the pod's own
 * service account, the user's kubeconfig. Throws AccessError.
 */
export async function findAccess(environment: ClusterEnvironment): Promise<AccessSource> {
  const { kubeconfig, serviceHost, servicePort } = environment;
  if (kubeconfig === undefined && serviceHost !== undefined)
    return inClusterAccess({ host: serviceHost, port: servicePort ?? '443' });
  return kubeconfigAccess({ files: kubeconfig });
}
