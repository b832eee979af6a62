/**
 * How a video is called in an answer, from its key `<scope>.<namespace>.<name>`: its name, with the namespace before
 * it (`team-a/onboarding`) unless that is `default`. A name may have dots, scope and namespace have none.
 */
export function videoName(key: string): string {
  const [, namespace, name] = /^[^.]*\.([^.]*)\.(.+)$/s.exec(key) ?? [];
  if (namespace === undefined || name === undefined) return key;
  return namespace === 'default' ? name : `${namespace}/${name}`;
}
