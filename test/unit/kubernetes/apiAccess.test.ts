import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createConnection, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, beforeEach, describe, it } from 'node:test';
import { AccessError, type AccessSource } from '../../../controller/kubernetes/api/access.ts';
import { connect, type Connection } from '../../../controller/kubernetes/api/connect.ts';
import { findAccess } from '../../../controller/kubernetes/api/findAccess.ts';
import { inClusterAccess } from '../../../controller/kubernetes/api/inClusterAccess.ts';
import { kubeconfigAccess } from '../../../controller/kubernetes/api/kubeconfigAccess.ts';
import { makeCertificates } from '../../support/tls/certificates.ts';
import { json, startRawServer } from './rawServer.ts';

const { ca, cert, key } = makeCertificates(['kubernetes.test']);
const server = await startRawServer({ otherwise: json(200, {}), tls: { cert, key } });
after(() => server.close());

const never = new AbortController().signal;
let now = new Date('2026-03-01T12:00:00Z');
const open: Connection[] = [];
let folder = '';
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'kubeconfig-'))));
afterEach(async () => {
  for (const api of open.splice(0)) await api.close();
  rmSync(folder, { recursive: true, force: true });
});

async function connected(source: AccessSource): Promise<Connection> {
  const api = await connect({ source, userAgent: 'test', clock: { now: () => now } });
  open.push(api);
  return api;
}

const authorization = (): string | undefined => server.requests.at(-1)?.headers.authorization;

/** Writes a kubeconfig with one context; gives its path. */
function kubeconfig(user: object, cluster: object = {}, name = 'config'): string {
  const file = join(folder, name);
  const tls = {
    'certificate-authority-data': Buffer.from(ca).toString('base64'),
    'tls-server-name': 'kubernetes.test',
  };
  writeFileSync(
    file,
    JSON.stringify({
      'current-context': name,
      clusters: [{ name, cluster: { server: server.url, ...tls, ...cluster } }],
      users: [{ name, user }],
      contexts: [{ name, context: { cluster: name, user: name, namespace: `ns-of-${name}` } }],
    }),
  );
  return file;
}

/** An exec plugin that gives `token-1`, `token-2`, … with an expiry. */
function plugin(expirationTimestamp: string): object {
  const script = `n=$(cat '${folder}/n' 2>/dev/null || echo 0); n=$((n+1)); echo $n > '${folder}/n'
echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"token-'$n'","expirationTimestamp":"${expirationTimestamp}"}}'`;
  return {
    exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'sh', args: ['-c', script] },
  };
}

describe('a kubeconfig', () => {
  for (const [what, user, sent] of [
    ['a token', { token: 'abc' }, 'Bearer abc'],
    ['a name and a password', { username: 'me', password: 'pass' }, 'Basic bWU6cGFzcw=='],
    ['nothing', {}, undefined],
  ] as const)
    it(`with ${what} is what the apiserver is told`, async () => {
      const api = await connected(await kubeconfigAccess({ files: kubeconfig(user) }));
      await api.get('/version', never);
      assert.equal(authorization(), sent);
      assert.deepEqual([api.server, api.namespace], [server.url, 'ns-of-config']);
    });

  it('with an exec plugin runs it when its token has expired', async () => {
    const expired = await connected(
      await kubeconfigAccess({ files: kubeconfig(plugin('2020-01-01T00:00:00Z')) }),
    );
    await expired.get('/version', never);
    assert.equal(authorization(), 'Bearer token-1');
    now = new Date(now.getTime() + 61_000);
    await expired.get('/version', never);
    assert.equal(authorization(), 'Bearer token-2');
  });

  it('with an exec plugin does not run it before, unless its token is refused', async () => {
    const api = await connected(
      await kubeconfigAccess({ files: kubeconfig(plugin('2120-01-01T00:00:00Z')) }),
    );
    now = new Date(now.getTime() + 61_000);
    await api.get('/version', never);
    assert.equal(authorization(), 'Bearer token-1');
    server.next(json(401, { kind: 'Status', code: 401 }));
    await api.get('/version', never);
    assert.equal(authorization(), 'Bearer token-2');
  });

  it('with an exec plugin that fails says so', async () => {
    const user = { exec: { command: 'sh', args: ['-c', 'echo not logged in >&2; exit 3'] } };
    await assert.rejects(connected(await kubeconfigAccess({ files: kubeconfig(user) })), (error) => {
      assert.ok(error instanceof AccessError);
      assert.match(error.message, /credentials cannot be had: not logged in/);
      return true;
    });
  });

  it('of several files is merged, and the first current context decides', async () => {
    const files = [kubeconfig({ token: 'a' }, {}, 'a'), kubeconfig({ token: 'b' }, {}, 'b')].join(':');
    await (await connected(await kubeconfigAccess({ files }))).get('/version', never);
    assert.equal(authorization(), 'Bearer a');
    await (await connected(await kubeconfigAccess({ files, context: 'b' }))).get('/version', never);
    assert.equal(authorization(), 'Bearer b');
  });

  it('that does not know the authority does not speak to the server', async () => {
    const files = kubeconfig({ token: 'abc' }, { 'certificate-authority-data': undefined });
    const api = await connected(await kubeconfigAccess({ files }));
    await assert.rejects(api.get('/version', never), {
      reason: 'Unreachable',
      status: 0,
      message: /certificate/,
    });
  });

  it('with a proxy goes through it', async () => {
    const asked: (string | undefined)[] = [];
    const proxy = createServer();
    proxy.on('connect', (request, client: Socket) => {
      asked.push(request.url);
      const upstream = createConnection(Number(new URL(server.url).port), '127.0.0.1', () => {
        client.write('HTTP/1.1 200 OK\r\n\r\n');
        client.pipe(upstream).pipe(client);
      });
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const { port } = proxy.address() as AddressInfo;
    const files = kubeconfig({ token: 'abc' }, { 'proxy-url': `http://127.0.0.1:${port}` });
    const api = await connected(await kubeconfigAccess({ files }));
    try {
      await api.get('/version', never);
      assert.deepEqual(asked, [new URL(server.url).host]);
      assert.equal(authorization(), 'Bearer abc');
    } finally {
      await api.close();
      proxy.close();
    }
  });

  for (const [what, files, message] of [
    ['is not there', '/nowhere/config', /\/nowhere\/config cannot be read: ENOENT/],
    ['has no such context', undefined, /has no context "other"/],
  ] as const)
    it(`that ${what} says so`, async () =>
      assert.rejects(
        kubeconfigAccess({ files: files ?? kubeconfig({}), context: 'other' }),
        (error) => error instanceof AccessError && message.test(error.message),
      ));
});

describe('the access of a pod', () => {
  const mount = (token: string): void => {
    mkdirSync(folder, { recursive: true });
    for (const [name, text] of [
      ['token', token],
      ['ca.crt', ca],
      ['namespace', 'team'],
    ] as const)
      writeFileSync(join(folder, name), text);
  };

  it('is its service account, whose token is replaced on disk', async () => {
    mount('one');
    const { port } = new URL(server.url);
    const source = await inClusterAccess({ host: '127.0.0.1', port, folder });
    assert.equal(source.namespace, 'team');
    const named: AccessSource = {
      namespace: source.namespace,
      async read(options) {
        const access = await source.read(options);
        return { ...access, tls: { ...access.tls, servername: 'kubernetes.test' } };
      },
    };
    const before = server.connections();
    const api = await connected(named);
    await api.get('/version', never);
    assert.equal(authorization(), 'Bearer one');
    mount('two\n');
    await api.get('/version', never);
    assert.equal(authorization(), 'Bearer one', 'for a minute');
    now = new Date(now.getTime() + 61_000);
    await api.get('/version', never);
    assert.equal(authorization(), 'Bearer two');
    assert.ok(server.connections() - before <= 2, 'a new token needs no new connections');
  });

  it('without a mounted service account says so', async () =>
    assert.rejects(
      inClusterAccess({ host: '10.0.0.1', port: '443', folder }),
      /automountServiceAccountToken/,
    ));

  it('may have an address of IPv6', async () => {
    mount('one');
    const source = await inClusterAccess({ host: 'fd00::1', port: '443', folder });
    assert.equal((await source.read({ afresh: false })).server, 'https://[fd00::1]:443');
  });
});

describe('the access that is meant', () => {
  it('is the kubeconfig that is named, in a pod too', async () => {
    const source = await findAccess({
      kubeconfig: kubeconfig({ token: 'abc' }),
      serviceHost: '10.0.0.1',
      servicePort: '443',
    });
    assert.equal((await source.read({ afresh: false })).server, server.url);
  });

  it('is the service account of the pod where none is named', async () =>
    assert.rejects(
      findAccess({ kubeconfig: undefined, serviceHost: '10.0.0.1', servicePort: '443' }),
      /service account cannot be read/,
    ));
});
