import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fillMarkers, hasMarkers } from '../../bench/report/markers.ts';

const block = (id: string, text: string): string => `<!-- bench:${id} -->\n${text}<!-- /bench:${id} -->`;

describe('fillMarkers', () => {
  it('replaces what stands between markers and nothing else', () => {
    const document = `# A\n\n${block('one', '| old |\n|---|\n')}\n\nB\n\n${block('two', '')}\nC\n`;
    const blocks = new Map([
      ['one', '| $& new |\n|---|\n'],
      ['two', 'text'],
      ['three', 'not asked for'],
    ]);
    const filled = fillMarkers(document, blocks);
    assert.equal(
      filled,
      `# A\n\n${block('one', '| $& new |\n|---|\n')}\n\nB\n\n${block('two', 'text\n')}\nC\n`,
    );
    assert.equal(fillMarkers(filled, blocks), filled);
  });

  it('leaves a document without markers as it is', () => {
    assert.equal(hasMarkers('no marker'), false);
    assert.equal(fillMarkers('no marker', new Map()), 'no marker');
  });

  it('refuses an id that nothing has, and a beginning without its end', () => {
    assert.throws(() => fillMarkers(block('other', ''), new Map([['one', '']])), /bench:other/);
    const open = '<!-- bench:one -->\n<!-- /bench:two -->';
    assert.throws(() => fillMarkers(open, new Map([['one', '']])), /has no <!-- \/bench:one -->/);
  });
});
