/** What every program may need and no secret hides in. */
const PASSED_ON = [
  ...['PATH', 'HOME', 'USER', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'TMP', 'TEMP', 'SYSTEMROOT'],
  // A company's proxy and certificate authority; both spellings are in use.
  ...[
    'HTTP_PROXY',
    'HTTPS_PROXY',
    'NO_PROXY',
    'ALL_PROXY',
    'http_proxy',
    'https_proxy',
    'no_proxy',
    'all_proxy',
  ],
  ...['SSL_CERT_FILE', 'SSL_CERT_DIR', 'REQUESTS_CA_BUNDLE'],
] as const;

/**
 * The environment of a child: a short list of harmless variables of ours, and what it is given by name. Keys and
 * tokens in our environment reach no program that was not handed them.
 */
export function childEnvironment(
  env: NodeJS.ProcessEnv,
  extra: Readonly<Record<string, string>> = {},
): NodeJS.ProcessEnv {
  const passed: NodeJS.ProcessEnv = {};
  for (const name of PASSED_ON) if (env[name] !== undefined) passed[name] = env[name];
  return { ...passed, ...extra };
}
