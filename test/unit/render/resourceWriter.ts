/**
 * Writes to the store given by its file until it is killed: makes, changes and deletes LoomVideos, and says on stdout
 * what was done, after it was done.
 */
import { writeSync } from 'node:fs';
import { pino } from 'pino';
import { openResources } from '../../../controller/render/resources/openResources.ts';
import { manifest } from './resourceWorld.ts';

const { videos } = openResources({ file: process.argv[2] ?? '', log: pino({ level: 'silent' }) });
const say = (word: string, name: string, version: string): void =>
  void writeSync(1, `${word} ${name} ${version}\n`);

for (let n = 0; ; n++) {
  const name = `v${process.pid}-${n}`;
  const key = { namespace: 'default', name };
  const made = videos.create('default', manifest(name, {}, { finalizers: ['a/b'] }));
  say('created', name, made.metadata.resourceVersion);
  const changed = videos.setStatus(key, made.metadata.uid, { phase: 'Ready', attempts: n });
  say('changed', name, changed?.metadata.resourceVersion ?? '');
  if (n % 3 !== 0) continue;
  say('deleting', name, videos.delete(key).video.metadata.resourceVersion);
  videos.setFinalizers(key, made.metadata.uid, []);
  say('gone', name, String(videos.version));
}
