/** Lua in JavaScript, as far as the tests use it; the package brings no types. */
declare module 'fengari' {
  /** A Lua state. */
  type State = { readonly lua_State: unique symbol };
  /** A string as Lua has it: bytes. */
  type LuaString = Uint8Array;
  export function to_luastring(text: string): LuaString;
  export function to_jsstring(text: LuaString): string;
  export const lauxlib: {
    luaL_newstate(): State;
    /** Compiles and leaves a function, or an error text, on the stack; 0: done. */
    luaL_loadstring(state: State, text: LuaString): number;
  };
  export const lualib: { luaL_openlibs(state: State): void };
  export const lua: {
    lua_pcall(state: State, args: number, results: number, handler: number): number;
    lua_newtable(state: State): void;
    lua_pushstring(state: State, text: LuaString): void;
    lua_pushnumber(state: State, value: number): void;
    lua_pushboolean(state: State, value: boolean): void;
    lua_pushnil(state: State): void;
    lua_settable(state: State, index: number): void;
    lua_setglobal(state: State, name: LuaString): void;
    lua_getfield(state: State, index: number, name: LuaString): number;
    lua_tostring(state: State, index: number): LuaString | null;
    lua_pop(state: State, count: number): void;
  };
}
