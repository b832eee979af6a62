import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { startChild } from '../../common/childProcess.ts';
import { cgroupSource } from '../../common/memory/cgroup.ts';
import { processTree, processTreeSource } from '../../common/memory/processTree.ts';
import { MB, type MemorySample, type MemorySource } from '../../common/memory/source.ts';
import { MemoryWatch } from '../../common/memory/watch.ts';

function kernelFiles(t: TestContext, files: Record<string, string>): { membership: string; mount: string } {
  const root = mkdtempSync(join(tmpdir(), 'cgroup-'));
  t.after(() => rmSync(root, { recursive: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return { membership: join(root, 'self'), mount: join(root, 'mount') };
}

describe('cgroupSource', () => {
  it('reads version 2: of the file cache only what is mapped', (t) => {
    const source = cgroupSource(
      kernelFiles(t, {
        self: '0::/\n',
        'mount/memory.max': `${400 * MB}\n`,
        'mount/memory.stat': `anon ${200 * MB}\nfile ${90 * MB}\nshmem ${5 * MB}\nfile_mapped ${15 * MB}\ninactive_anon 1\n`,
        'mount/memory.events': 'low 0\noom 2\noom_kill 1\n',
      }),
    );
    assert.equal(source?.kind, 'cgroup-v2');
    assert.equal(source.limitBytes, 400 * MB);
    assert.deepEqual(source.sample(), { residentBytes: 220 * MB, unreclaimableBytes: 205 * MB });
    assert.equal(source.oomKills(), 1);
  });

  it('reads version 1 below its own path', (t) => {
    const source = cgroupSource(
      kernelFiles(t, {
        self: '5:cpu,cpuacct:/x\n4:memory:/docker/abc\n',
        'mount/memory/docker/abc/memory.limit_in_bytes': `${256 * MB}\n`,
        'mount/memory/docker/abc/memory.stat': `cache 1\nshmem 1\nmapped_file 1\ntotal_rss ${60 * MB}\ntotal_shmem ${2 * MB}\ntotal_mapped_file ${8 * MB}\n`,
        'mount/memory/docker/abc/memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 3\n',
      }),
    );
    assert.equal(source?.kind, 'cgroup-v1');
    assert.deepEqual(source.sample(), { residentBytes: 70 * MB, unreclaimableBytes: 62 * MB });
    assert.equal(source.oomKills(), 3);
  });

  it('is absent where nothing is limited', (t) => {
    assert.equal(cgroupSource(kernelFiles(t, { self: '0::/\n', 'mount/memory.max': 'max\n' })), undefined);
    assert.equal(
      cgroupSource(
        kernelFiles(t, {
          self: '4:memory:/\n',
          'mount/memory/memory.limit_in_bytes': '9223372036854771712\n',
        }),
      ),
      undefined,
    );
    assert.equal(cgroupSource(kernelFiles(t, {})), undefined);
  });
});

describe('processTreeSource', () => {
  it('counts the memory of children', async () => {
    const source = processTreeSource(process.pid);
    const before = source.sample();
    const ready = Promise.withResolvers<void>();
    const child = startChild({
      command: process.execPath,
      args: [
        '-e',
        `globalThis.kept = Buffer.alloc(${100 * MB}, 1); console.log('up'); setInterval(() => {}, 1000)`,
      ],
      env: {},
      onStdoutLine: () => ready.resolve(),
    });
    await ready.promise;
    assert.ok(processTree(process.pid).includes(child.pid ?? -1));
    // It runs our own program: at the first look it may be a fork that holds our pages.
    assert.ok(source.sample().unreclaimableBytes - before.unreclaimableBytes < 50 * MB);
    const grown = source.sample().unreclaimableBytes - before.unreclaimableBytes;
    assert.ok(grown > 100 * MB && grown < 250 * MB, `grew by ${grown / MB} MB`);
    await child.stop();
    assert.ok(!processTree(process.pid).includes(child.pid ?? -1));
  });
});

describe('MemoryWatch', () => {
  const sourceOf = (...samples: MemorySample[]): MemorySource => ({
    kind: 'process-tree',
    limitBytes: undefined,
    sample: () => samples.shift() ?? { residentBytes: 0, unreclaimableBytes: 0 },
    oomKills: () => 0,
  });
  const at = (resident: number, unreclaimable: number): MemorySample => ({
    residentBytes: resident * MB,
    unreclaimableBytes: unreclaimable * MB,
  });

  it('keeps the peak and calls once above 90 % of the limit, not for memory that can be reclaimed', () => {
    const calls: MemorySample[] = [];
    const watch = new MemoryWatch({
      source: sourceOf(at(50, 10), at(99, 89), at(95, 91), at(96, 92), at(10, 10)),
      limitBytes: 100 * MB,
      intervalMs: 1e6,
      onExceeded: (sample) => calls.push(sample),
    });
    for (let i = 0; i < 4; i++) watch.sample();
    watch.stop();
    assert.deepEqual(calls, [at(95, 91)]);
    assert.equal(watch.peakBytes, 99 * MB);
  });
});
