/**
 * How loud to tell of the n-th failure in a row: the first, second, fourth, eighth … as a warning, the others for
 * those who look closely. So an apiserver that is away for an hour fills no log.
 */
export function levelOf(failures: number): 'warn' | 'debug' {
  return (failures & (failures - 1)) === 0 ? 'warn' : 'debug';
}
