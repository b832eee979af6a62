/**
 * The image has its modules compiled for the very commands that are run in it: Node keeps what it compiled apart for each
 * set of flags, and without it a process takes 20 MB more. Needs a Docker engine, which it starts, and no cluster.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { parse } from 'yaml';
import { parseJobSettings } from '../../controller/kubernetes/job/settings.ts';
import { startDocker, type Docker } from './images/docker.ts';
import { ROOT } from './paths.ts';

const IMAGE = process.env['LOOMVIDEO_IMAGE'] ?? '';
const CHART = join(ROOT, 'charts', 'loomvideo-operator', 'templates', 'deployment.yaml');

suite('the image has compiled', () => {
  let engine: Docker;
  before(async () => {
    engine = await startDocker(new AbortController().signal);
  });
  after(() => engine.stop());

  const cases = {
    'the stages of a Job': parseJobSettings({ image: 'any' }).command,
    'the controller, as the chart starts it': chartCommand(),
    'the server, as Render starts it': renderCommand(),
  };
  for (const [what, command] of Object.entries(cases))
    test(what, async () => {
      const lines: string[] = [];
      await engine.docker(
        [
          ...['run', '--rm', '--network=host', '--read-only', '--tmpfs=/tmp', '--entrypoint=', '--tty'],
          ...['--env=NODE_DEBUG_NATIVE=COMPILE_CACHE', IMAGE, ...command, '--help'],
        ],
        (line) => lines.push(line),
      );
      const told = (words: string): string[] => lines.filter((line) => line.includes(words));
      assert.ok(told('was accepted').length > 50, lines.join('\n'));
      assert.deepEqual(
        told('.ts').filter((line) => /no such file|rejected|mismatch/.test(line)),
        [],
      );
    });
});

function chartCommand(): string[] {
  const args = /args: \[(node, .*)\]/.exec(readFileSync(CHART, 'utf8'))?.[1];
  assert.ok(args, `no command in ${CHART}`);
  return args.split(', ');
}

function renderCommand(): string[] {
  const blueprint = parse(readFileSync(join(ROOT, 'render.yaml'), 'utf8')) as {
    services: { dockerCommand: string }[];
  };
  const command = blueprint.services[0]?.dockerCommand;
  assert.ok(command, 'no dockerCommand in render.yaml');
  return command.split(' ');
}
