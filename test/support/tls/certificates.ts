import { generateKeyPairSync } from 'node:crypto';
import forge from 'node-forge';

/** A certificate authority made for one run, and a server certificate it signed; all in PEM. */
export interface Certificates {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** Makes a throw-away authority and a certificate for `hosts`, valid from yesterday for a week. */
export function makeCertificates(hosts: readonly string[]): Certificates {
  const authority = newPair();
  const server = newPair();
  const caSubject = [{ name: 'commonName', value: 'LoomVideo test authority' }];

  const ca = unsigned(authority.publicKey, caSubject, caSubject, '01');
  ca.setExtensions([
    { name: 'basicConstraints', cA: true, critical: true },
    { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    { name: 'subjectKeyIdentifier' },
  ]);
  ca.sign(authority.privateKey, forge.md.sha256.create());

  const cert = unsigned(
    server.publicKey,
    [{ name: 'commonName', value: hosts[0] ?? 'localhost' }],
    caSubject,
    '02',
  );
  cert.setExtensions([
    { name: 'basicConstraints', cA: false, critical: true },
    { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
    { name: 'extKeyUsage', serverAuth: true },
    { name: 'subjectAltName', altNames: hosts.map((value) => ({ type: 2, value })) },
    // Python 3.13 and later refuse a certificate that does not name its authority's key.
    { name: 'authorityKeyIdentifier', keyIdentifier: ca.generateSubjectKeyIdentifier().getBytes() },
  ]);
  cert.sign(authority.privateKey, forge.md.sha256.create());

  return { ca: forge.pki.certificateToPem(ca), cert: forge.pki.certificateToPem(cert), key: server.pem };
}

/** Node makes the key: forge's own generator, in JavaScript, takes seconds. */
function newPair() {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  return {
    pem: privateKey,
    privateKey: forge.pki.privateKeyFromPem(privateKey),
    publicKey: forge.pki.publicKeyFromPem(publicKey),
  };
}

function unsigned(
  key: forge.pki.PublicKey,
  subject: forge.pki.CertificateField[],
  issuer: forge.pki.CertificateField[],
  serial: string,
): forge.pki.Certificate {
  const certificate = forge.pki.createCertificate();
  const day = 24 * 60 * 60 * 1000;
  certificate.publicKey = key;
  certificate.serialNumber = serial;
  certificate.validity.notBefore = new Date(Date.now() - day);
  certificate.validity.notAfter = new Date(Date.now() + 7 * day);
  certificate.setSubject(subject);
  certificate.setIssuer(issuer);
  return certificate;
}
