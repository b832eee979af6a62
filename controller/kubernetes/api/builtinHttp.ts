/**
 * Node's own http and https. Importing or requiring `node:http` reads each of its exports once, and one of them,
 * WebSocket, loads undici: 13 MB of memory that nobody here uses (Node 24.21). This way it stays asleep.
 */
export const http = process.getBuiltinModule('node:http');
export const https = process.getBuiltinModule('node:https');
