/** Where the apiserver keeps what the controller works with. `namespace` undefined: all of them. */

export const API_VERSION = 'qudemo.dev/v1alpha1';
export const KIND = 'LoomVideo';

export const loomVideosPath = (namespace?: string): string =>
  `/apis/${API_VERSION}${inNamespace(namespace)}/loomvideos`;
export const loomVideoPath = (namespace: string, name: string): string =>
  `${loomVideosPath(namespace)}/${name}`;

export const jobsPath = (namespace?: string): string => `/apis/batch/v1${inNamespace(namespace)}/jobs`;
export const jobPath = (namespace: string, name: string): string => `${jobsPath(namespace)}/${name}`;

export const podsPath = (namespace?: string): string => `/api/v1${inNamespace(namespace)}/pods`;
export const eventsPath = (namespace: string): string => `/api/v1${inNamespace(namespace)}/events`;
export const namespacePath = (name: string): string => `/api/v1/namespaces/${name}`;

function inNamespace(namespace: string | undefined): string {
  return namespace === undefined ? '' : `/namespaces/${namespace}`;
}
