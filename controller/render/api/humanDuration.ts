/** An age as kubectl shows it: `45s`, `3m12s`, `27m`, `5h3m`, `3d4h`, `400d`. Seconds in; those before now count as 0s. */
export function humanDuration(seconds: number): string {
  // The borders of k8s.io/apimachinery/pkg/util/duration.HumanDuration.
  const s = Math.floor(seconds);
  if (s < 0) return '0s';
  const minutes = Math.floor(s / 60);
  const hours = Math.floor(s / 3600);
  const days = Math.floor(hours / 24);
  const years = Math.floor(hours / 24 / 365);
  if (s < 120) return `${s}s`;
  if (minutes < 10) return `${minutes}m${tail(s % 60, 's')}`;
  if (minutes < 180) return `${minutes}m`;
  if (hours < 8) return `${hours}h${tail(minutes % 60, 'm')}`;
  if (hours < 48) return `${hours}h`;
  if (hours < 192) return `${days}d${tail(hours % 24, 'h')}`;
  if (days < 730) return `${days}d`;
  if (years < 8) return `${years}y${tail(days % 365, 'd')}`;
  return `${years}y`;
}

function tail(count: number, unit: string): string {
  return count === 0 ? '' : `${count}${unit}`;
}
