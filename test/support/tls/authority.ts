import { generateKeyPairSync } from 'node:crypto';
import forge from 'node-forge';

/** A certificate and its key, in PEM. */
export interface Identity {
  readonly certificate: string;
  readonly key: string;
}

/** Who a certificate is for: to Kubernetes the common name is the user, the organization the group. */
export interface Subject {
  readonly commonName: string;
  readonly organization?: string;
  /** Addresses (IPv4) and names of a server; without any, the certificate is a client's. */
  readonly hosts?: readonly string[];
}

/** A certificate authority, made for one run. */
export interface Authority extends Identity {
  issue(subject: Subject): Identity;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** Makes an authority; what it issues is valid from yesterday for a month, as long as anyone keeps what it was made for. */
export function makeAuthority(commonName: string): Authority {
  const pair = newPair();
  const name = [{ name: 'commonName', value: commonName }];
  const own = unsigned(pair.publicKey, name, name, 1);
  own.setExtensions([
    { name: 'basicConstraints', cA: true, critical: true },
    { name: 'keyUsage', keyCertSign: true, cRLSign: true, digitalSignature: true, critical: true },
    { name: 'subjectKeyIdentifier' },
  ]);
  own.sign(pair.privateKey, forge.md.sha256.create());
  let serial = 1;
  return {
    certificate: forge.pki.certificateToPem(own),
    key: pair.pem,
    issue(subject) {
      const theirs = newPair();
      serial++;
      const certificate = unsigned(theirs.publicKey, nameOf(subject), name, serial);
      certificate.setExtensions(extensionsOf(subject, own));
      certificate.sign(pair.privateKey, forge.md.sha256.create());
      return { certificate: forge.pki.certificateToPem(certificate), key: theirs.pem };
    },
  };
}

/** A key pair in PEM. */
export function makeKeyPair(): { readonly publicKey: string; readonly privateKey: string } {
  return generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
}

function nameOf({ commonName, organization }: Subject): forge.pki.CertificateField[] {
  return [
    ...(organization === undefined ? [] : [{ name: 'organizationName', value: organization }]),
    { name: 'commonName', value: commonName },
  ];
}

function extensionsOf({ hosts = [] }: Subject, authority: forge.pki.Certificate): object[] {
  // 2 is a DNS name, 7 an IP address (RFC 5280, GeneralName).
  const altNames = hosts.map((host) =>
    /^[\d.]+$/.test(host) ? { type: 7, ip: host } : { type: 2, value: host },
  );
  return [
    { name: 'basicConstraints', cA: false, critical: true },
    { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
    { name: 'extKeyUsage', serverAuth: hosts.length > 0, clientAuth: hosts.length === 0 },
    ...(altNames.length > 0 ? [{ name: 'subjectAltName', altNames }] : []),
    { name: 'authorityKeyIdentifier', keyIdentifier: authority.generateSubjectKeyIdentifier().getBytes() },
  ];
}

/** Node makes the key: forge's own generator, in JavaScript, takes seconds. */
function newPair() {
  const { privateKey, publicKey } = makeKeyPair();
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
  serial: number,
): forge.pki.Certificate {
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = key;
  certificate.serialNumber = serial.toString(16).padStart(2, '0');
  certificate.validity.notBefore = new Date(Date.now() - DAY_MS);
  certificate.validity.notAfter = new Date(Date.now() + 30 * DAY_MS);
  certificate.setSubject(subject);
  certificate.setIssuer(issuer);
  return certificate;
}
