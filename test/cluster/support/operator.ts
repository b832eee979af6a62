import { helm, CHART } from '../../unit/chart/renderChart.ts';
import type { Values } from '../../unit/chart/releases.ts';
import type { Cluster } from '../cluster.ts';

/** The chart's release in a namespace of its own, named as in the docs. */
export interface Operator {
  readonly namespace: string;
  /** What its controller wrote so far. */
  log(): Promise<string>;
  /** `helm test`. */
  test(): Promise<string>;
}

export const RELEASE = 'loomvideo';
export const DEPLOYMENT = 'deployment/loomvideo-loomvideo-operator';
export const ACCOUNT = 'loomvideo-loomvideo-operator';

/** Values by which the chart uses the image that is in the cluster. */
export function imageValues(): { readonly repository: string; readonly tag: string } {
  const image = operatorImage();
  const colon = image.lastIndexOf(':');
  return { repository: image.slice(0, colon), tag: image.slice(colon + 1) };
}

/** The image that run.ts brought into the cluster. */
export function operatorImage(): string {
  const image = process.env['LOOMVIDEO_IMAGE'];
  if (!image) throw new Error('LOOMVIDEO_IMAGE is not set. Run: npm run test:cluster');
  return image;
}

/** Installs the chart and waits until the controller is ready. The resource has to be there. */
export async function installOperator(
  cluster: Cluster,
  namespace: string,
  values: Values,
): Promise<Operator> {
  const where = [`--namespace=${namespace}`, `--kubeconfig=${cluster.kubeconfig}`];
  await helm(['install', RELEASE, CHART, ...where, '--wait', '--timeout=2m'], {
    image: imageValues(),
    crd: { install: false },
    ...values,
  });
  return {
    namespace,
    log: () => cluster.kubectl('logs', DEPLOYMENT, `--namespace=${namespace}`, '--tail=-1'),
    test: () => helm(['test', RELEASE, ...where, '--timeout=1m']),
  };
}

/** Takes the release away, also one that did not come up. */
export async function uninstallOperator({ kubeconfig }: Cluster, namespace: string): Promise<void> {
  const where = [`--namespace=${namespace}`, `--kubeconfig=${kubeconfig}`];
  await helm(['uninstall', RELEASE, ...where, '--ignore-not-found', '--wait', '--timeout=1m']);
}
