/** The names of attempts and purges, made of what they are for. */
export function attemptName(videoUid: string, run: number, hash: string, attempt: number): string {
  return `${videoUid}-${run}-${hash}-${attempt}`;
}

export function purgeName(videoUid: string, attempt: number): string {
  return `${videoUid}-purge-${attempt}`;
}
