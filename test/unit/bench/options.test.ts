import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseOptions } from '../../bench/options.ts';

describe('parseOptions', () => {
  it('measures every part and writes unless told otherwise', () => {
    const { parts, task, writes, runs } = parseOptions([]);
    assert.deepEqual(
      [parts, task, writes, runs],
      [['pipeline', 'controller', 'store', 'load'], 'measure', true, undefined],
    );
  });

  it('takes parts, in the order in which they are measured, and options', () => {
    const { parts, writes, runs } = parseOptions(['store', 'pipeline', '--runs', '1', '--no-write']);
    assert.deepEqual([parts, writes, runs], [['pipeline', 'store'], false, 1]);
    assert.equal(parseOptions(['--help']).task, 'help');
    assert.equal(parseOptions(['--render']).task, 'render');
    assert.equal(parseOptions(['--prepare']).task, 'prepare');
  });

  it("takes the controller part's own options where nothing is written", () => {
    const own = ['--videos', '50,200', '--peers', 'ours,/tmp/other', '--stage-ms', '20'];
    const { videos, peers, stageMs } = parseOptions(['controller', '--no-write', ...own]);
    assert.deepEqual([videos, peers, stageMs], [[50, 200], ['ours', '/tmp/other'], 20]);
    assert.throws(
      () => parseOptions(['controller', ...own]),
      /--videos is for the controller part, with --no-write/,
    );
    assert.throws(() => parseOptions(['store', '--no-write', '--peers', 'go']), /--peers is for/);
  });

  it('refuses what it does not know', () => {
    for (const [args, message] of [
      [['stores'], /stores is no part: pipeline, controller, store, load/],
      [['--run', '2'], /--run/],
      [['--runs', '0'], /--runs takes whole numbers from 1, not "0"/],
      [['--runs', 'many'], /not "many"/],
      [['controller', '--no-write', '--videos', '10,'], /--videos takes whole numbers from 1, not ""/],
    ] as const)
      assert.throws(() => parseOptions(args), message);
  });
});
