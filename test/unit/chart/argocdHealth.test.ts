/** The health check that Argo CD is given, run by a Lua on statuses as the operator writes them. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { lauxlib, lua, lualib, to_jsstring, to_luastring } from 'fengari';
import { parse } from 'yaml';
import { ROOT } from './renderChart.ts';

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

interface Fixture {
  readonly health: 'Healthy' | 'Progressing' | 'Degraded' | 'Suspended';
  readonly object: { readonly metadata: { readonly name: string } } & { readonly [key: string]: Json };
}

const script = readFileSync(join(ROOT, 'docs/kubernetes/examples/argocd/health.lua'), 'utf8');
const fixtures = parse(readFileSync(join(import.meta.dirname, 'argocdHealth.yaml'), 'utf8')) as Fixture[];

suite('the health of a LoomVideo in Argo CD', () => {
  for (const { health, object } of fixtures)
    test(`${object.metadata.name} is ${health}`, () => {
      const found = healthOf(object);
      assert.equal(found.status, health);
      assert.ok(found.message, 'says why');
    });

  test('has a fixture of each kind', () => {
    const kinds = [...new Set(fixtures.map(({ health }) => health))].sort();
    assert.deepEqual(kinds, ['Degraded', 'Healthy', 'Progressing', 'Suspended']);
  });
});

/** Runs the script as Argo CD does: the object is the global `obj`, a table of status and message comes back. */
function healthOf(object: Json): { status: string; message: string } {
  const state = lauxlib.luaL_newstate();
  lualib.luaL_openlibs(state);

  const push = (value: Json): void => {
    if (value === null) lua.lua_pushnil(state);
    else if (typeof value === 'string') lua.lua_pushstring(state, to_luastring(value));
    else if (typeof value === 'number') lua.lua_pushnumber(state, value);
    else if (typeof value === 'boolean') lua.lua_pushboolean(state, value);
    else {
      lua.lua_newtable(state);
      for (const [key, part] of Object.entries(value)) {
        push(Array.isArray(value) ? Number(key) + 1 : key);
        push(part);
        lua.lua_settable(state, -3);
      }
    }
  };
  const pop = (): string => {
    const text = lua.lua_tostring(state, -1);
    lua.lua_pop(state, 1);
    return text ? to_jsstring(text) : '';
  };
  const field = (name: string): string => {
    lua.lua_getfield(state, -1, to_luastring(name));
    return pop();
  };

  push(object);
  lua.lua_setglobal(state, to_luastring('obj'));
  const failed =
    lauxlib.luaL_loadstring(state, to_luastring(script)) !== 0 || lua.lua_pcall(state, 0, 1, 0) !== 0;
  if (failed) assert.fail(pop());
  return { status: field('status'), message: field('message') };
}
