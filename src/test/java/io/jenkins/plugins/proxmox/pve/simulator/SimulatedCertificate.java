package io.jenkins.plugins.proxmox.pve.simulator;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * A freshly made key and certificate, as a Proxmox VE cluster makes them for itself: an authority of the cluster that
 * signs one certificate a node. The JDK has no public way to make a certificate, so the few DER structures are written
 * here.
 */
public final class SimulatedCertificate {

    private static final DateTimeFormatter GENERALIZED_TIME =
            DateTimeFormatter.ofPattern("yyyyMMddHHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

    private static final byte[] ECDSA_WITH_SHA256 = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));

    private static final Validity TEN_YEARS = Validity.days(-30, 3650);
    private static final Validity TWO_YEARS = Validity.days(-30, 730);
    private static final Validity UNTIL_YESTERDAY = Validity.days(-30, -1);
    private static final Validity FROM_TOMORROW = Validity.days(1, 730);

    private record Validity(Instant from, Instant until) {

        static Validity days(int from, int until) {
            Instant now = Instant.now();
            return new Validity(now.plus(from, ChronoUnit.DAYS), now.plus(until, ChronoUnit.DAYS));
        }
    }

    private final X509Certificate certificate;
    private final PrivateKey key;
    private final byte[] subject;

    /** Sent after the certificate itself. */
    private final List<X509Certificate> authorities;

    private SimulatedCertificate(
            X509Certificate certificate, PrivateKey key, byte[] subject, List<X509Certificate> authorities) {
        this.certificate = certificate;
        this.key = key;
        this.subject = subject;
        this.authorities = authorities;
    }

    /** A certificate authority of its own, such as that of a company. */
    public static SimulatedCertificate authority(String commonName) {
        return make(distinguishedName(commonName(commonName)), null, TEN_YEARS, authorityExtension());
    }

    /** The authority that a cluster makes for itself (PVE::Cluster::Setup::gen_pveca_cert). */
    public static SimulatedCertificate clusterAuthority() {
        byte[] subject = distinguishedName(
                commonName("Proxmox Virtual Environment"),
                attribute(0x0b, UUID.randomUUID().toString()),
                attribute(0x0a, "PVE Cluster Manager CA"));
        return make(subject, null, TEN_YEARS, authorityExtension());
    }

    /** A server certificate for host names or IPv4 addresses, signed by this authority, valid for two years. */
    public SimulatedCertificate sign(String commonName, String... names) {
        return sign(commonName, TWO_YEARS, names);
    }

    /** A server certificate that ended yesterday. */
    public SimulatedCertificate signExpired(String commonName, String... names) {
        return sign(commonName, UNTIL_YESTERDAY, names);
    }

    /** A server certificate that is valid from tomorrow on. */
    public SimulatedCertificate signForTomorrow(String commonName, String... names) {
        return sign(commonName, FROM_TOMORROW, names);
    }

    private SimulatedCertificate sign(String commonName, Validity validity, String... names) {
        return make(distinguishedName(commonName(commonName)), this, validity, nameExtension(List.of(names)));
    }

    /** An intermediate authority, signed by this one. */
    public SimulatedCertificate signAuthority(String commonName) {
        return signAuthority(commonName, TEN_YEARS);
    }

    /** An intermediate authority that ended yesterday. */
    public SimulatedCertificate signExpiredAuthority(String commonName) {
        return signAuthority(commonName, UNTIL_YESTERDAY);
    }

    /** An intermediate authority that is valid from tomorrow on. */
    public SimulatedCertificate signAuthorityForTomorrow(String commonName) {
        return signAuthority(commonName, FROM_TOMORROW);
    }

    private SimulatedCertificate signAuthority(String commonName, Validity validity) {
        return make(distinguishedName(commonName(commonName)), this, validity, authorityExtension());
    }

    /** A server certificate that nobody but itself vouches for. */
    public static SimulatedCertificate selfSigned(String commonName, String... names) {
        return make(distinguishedName(commonName(commonName)), null, TWO_YEARS, nameExtension(List.of(names)));
    }

    /** The same in a file {@code pveproxy-ssl.pem} in which those follow: the server sends them as well. */
    public SimulatedCertificate sending(SimulatedCertificate... issuers) {
        return new SimulatedCertificate(
                certificate,
                key,
                subject,
                Stream.of(issuers).map(SimulatedCertificate::certificate).toList());
    }

    public X509Certificate certificate() {
        return certificate;
    }

    public PrivateKey key() {
        return key;
    }

    /** The TLS of a server that shows this certificate. */
    public SSLContext serverContext() {
        try {
            List<X509Certificate> chain = new ArrayList<>(List.of(certificate));
            chain.addAll(authorities);
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            store.setKeyEntry("pve", key, new char[0], chain.toArray(new Certificate[0]));
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(store, new char[0]);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), null, null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The certificate as it stands in {@code /etc/pve/pve-root-ca.pem}. */
    public String pem() {
        try {
            return "-----BEGIN CERTIFICATE-----\n"
                    + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(certificate.getEncoded())
                    + "\n-----END CERTIFICATE-----\n";
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static SimulatedCertificate make(
            byte[] subject, SimulatedCertificate issuer, Validity validity, byte[] extension) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            KeyPair pair = generator.generateKeyPair();
            byte[] body = sequence(
                    der(0xa0, der(0x02, new byte[] {2})),
                    der(
                            0x02,
                            new BigInteger(63, new SecureRandom())
                                    .add(BigInteger.ONE)
                                    .toByteArray()),
                    ECDSA_WITH_SHA256,
                    issuer == null ? subject : issuer.subject,
                    sequence(time(validity.from()), time(validity.until())),
                    subject,
                    pair.getPublic().getEncoded(),
                    der(0xa3, sequence(extension)));
            Signature signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(issuer == null ? pair.getPrivate() : issuer.key);
            signature.update(body);
            byte[] encoded = sequence(body, ECDSA_WITH_SHA256, bitString(signature.sign()));
            X509Certificate certificate = (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(encoded));
            return new SimulatedCertificate(certificate, pair.getPrivate(), subject, List.of());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** basicConstraints, critical: CA. */
    private static byte[] authorityExtension() {
        return sequence(
                oid(0x55, 0x1d, 0x13), der(0x01, new byte[] {(byte) 0xff}), der(0x04, sequence(der(0x01, new byte[] {
                    (byte) 0xff
                }))));
    }

    /** subjectAltName. */
    private static byte[] nameExtension(List<String> names) {
        List<byte[]> alternatives = new ArrayList<>();
        for (String name : names) {
            alternatives.add(
                    name.matches("[0-9.]+|[0-9a-f:]*:[0-9a-f:]*")
                            ? der(0x87, bytesOf(name))
                            : der(0x82, name.getBytes(StandardCharsets.US_ASCII)));
        }
        return sequence(oid(0x55, 0x1d, 0x11), der(0x04, sequence(alternatives.toArray(new byte[0][]))));
    }

    private static byte[] bytesOf(String ipAddress) {
        try {
            return InetAddress.getByName(ipAddress).getAddress();
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static byte[] distinguishedName(byte[]... attributes) {
        return sequence(attributes);
    }

    private static byte[] commonName(String name) {
        return attribute(0x03, name);
    }

    /** @param number below 2.5.4: 3 common name, 10 organisation, 11 organisational unit */
    private static byte[] attribute(int number, String value) {
        return der(0x31, sequence(oid(0x55, 0x04, number), der(0x0c, value.getBytes(StandardCharsets.UTF_8))));
    }

    private static byte[] time(Instant instant) {
        return der(0x18, GENERALIZED_TIME.format(instant).getBytes(StandardCharsets.US_ASCII));
    }

    private static byte[] bitString(byte[] bits) {
        byte[] content = new byte[bits.length + 1];
        System.arraycopy(bits, 0, content, 1, bits.length);
        return der(0x03, content);
    }

    private static byte[] oid(int... bytes) {
        byte[] content = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            content[i] = (byte) bytes[i];
        }
        return der(0x06, content);
    }

    private static byte[] sequence(byte[]... elements) {
        return der(0x30, elements);
    }

    private static byte[] der(int tag, byte[]... contents) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (byte[] part : contents) {
            content.writeBytes(part);
        }
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        whole.write(tag);
        int length = content.size();
        if (length < 0x80) {
            whole.write(length);
        } else if (length < 0x100) {
            whole.write(0x81);
            whole.write(length);
        } else {
            whole.write(0x82);
            whole.write(length >> 8);
            whole.write(length & 0xff);
        }
        whole.writeBytes(content.toByteArray());
        return whole.toByteArray();
    }
}
