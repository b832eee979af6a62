import { readFileSync } from 'node:fs';

/** A small kernel file, or '' where it is absent or gone (processes end while one looks). */
export function readKernelFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** The number after `field` in a file of `name value` or `Name:  value kB` lines; 0 where it is absent. */
export function fieldOf(text: string, field: string): number {
  const match = new RegExp(`^${field}:?\\s+(\\d+)`, 'm').exec(text);
  return match ? Number(match[1]) : 0;
}
