import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { redactor } from '../../common/redact.ts';

describe('redactor', () => {
  for (const [name, secrets, text, clean] of [
    ['a secret', ['sk-123456'], 'key sk-123456.', 'key [redacted].'],
    ['a secret wherever it stands', ['sk-123456'], 'sk-123456sk-123456', '[redacted][redacted]'],
    ['each of several', ['sk-123456', 'pc-abcdef'], 'sk-123456 pc-abcdef', '[redacted] [redacted]'],
    ['a secret with signs of a pattern in it', ['a.*(b)$&'], 'a.*(b)$& axxxb', '[redacted] axxxb'],
    [
      'a secret that begins with another',
      ['secret', 'secret-longer'],
      'a secret-longer one',
      'a [redacted] one',
    ],
    ['nothing that is too short to be one', ['12345', ''], 'the year 12345', 'the year 12345'],
    ['nothing for a variable that is not set', [undefined], 'undefined', 'undefined'],
    ['nothing without secrets', [], 'sk-123456', 'sk-123456'],
  ] as const)
    it(`blanks ${name}`, () => assert.equal(redactor(secrets)(text), clean));
});
