import { randomInt } from 'node:crypto';

/** Kubernetes' alphabet: no vowels, so no words. */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
const LENGTH = 5;
/** A longer beginning is cut, so that the name stays within 63 characters, as in Kubernetes. */
const MAX_BEGINNING = 63 - LENGTH;

export function generatedName(generateName: string): string {
  const tail = Array.from({ length: LENGTH }, () => ALPHABET.charAt(randomInt(ALPHABET.length)));
  return generateName.slice(0, MAX_BEGINNING) + tail.join('');
}
