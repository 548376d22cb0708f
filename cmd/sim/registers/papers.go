package registers

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// The files that the portal is given.
const (
	AuthorityFile   = "ca.pem"
	CertificateFile = "portal.pem"
	KeyFile         = "portal-key.pem"
)

const (
	serverFile    = "server.pem"
	serverKeyFile = "server-key.pem"
)

// renewal is how much of the certificates' time must be left at a start.
const renewal = 30 * 24 * time.Hour

// identity is what the register proves itself with, and whom it lets in.
type identity struct {
	server  tls.Certificate
	callers *x509.CertPool
}

// prepare finds the certificates in the folder, or makes them. host is where the
// register listens.
func prepare(dir, host string, now time.Time) (identity, error) {
	if found, err := load(dir, host, now); err == nil {
		return found, nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return identity{}, fmt.Errorf("make the folder for the certificates: %w", err)
	}
	if err := issue(dir, host, now); err != nil {
		return identity{}, err
	}
	return load(dir, host, now)
}

// load reads the certificates and fails when they are of no use.
func load(dir, host string, now time.Time) (identity, error) {
	in := func(name string) string { return filepath.Join(dir, name) }
	authority, err := os.ReadFile(in(AuthorityFile))
	if err != nil {
		return identity{}, fmt.Errorf("read the authority: %w", err)
	}
	callers := x509.NewCertPool()
	if !callers.AppendCertsFromPEM(authority) {
		return identity{}, fmt.Errorf("%s holds no certificate", in(AuthorityFile))
	}
	server, err := tls.LoadX509KeyPair(in(serverFile), in(serverKeyFile))
	if err != nil {
		return identity{}, fmt.Errorf("load the register's certificate: %w", err)
	}
	caller, err := tls.LoadX509KeyPair(in(CertificateFile), in(KeyFile))
	if err != nil {
		return identity{}, fmt.Errorf("load the portal's certificate: %w", err)
	}
	then := now.Add(renewal)
	if _, err := server.Leaf.Verify(x509.VerifyOptions{Roots: callers, CurrentTime: then, DNSName: host}); err != nil {
		return identity{}, fmt.Errorf("check the register's certificate: %w", err)
	}
	if _, err := caller.Leaf.Verify(x509.VerifyOptions{
		Roots: callers, CurrentTime: then, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}); err != nil {
		return identity{}, fmt.Errorf("check the portal's certificate: %w", err)
	}
	return identity{server: server, callers: callers}, nil
}

// issue makes an authority, lets it sign both certificates, and forgets its key.
func issue(dir, host string, now time.Time) error {
	authority := &x509.Certificate{
		Subject:               pkix.Name{CommonName: "Veche demo register authority"},
		KeyUsage:              x509.KeyUsageCertSign,
		BasicConstraintsValid: true,
		IsCA:                  true,
		MaxPathLenZero:        true,
	}
	signer, err := sign(authority, nil, now)
	if err != nil {
		return err
	}
	server := &x509.Certificate{
		Subject:     pkix.Name{CommonName: "Veche demo register"},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames:    []string{"localhost"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	if ip := net.ParseIP(host); ip != nil {
		server.IPAddresses = append(server.IPAddresses, ip)
	} else if host != "" {
		server.DNSNames = append(server.DNSNames, host)
	}
	own, err := sign(server, signer, now)
	if err != nil {
		return err
	}
	caller, err := sign(&x509.Certificate{
		Subject:     pkix.Name{CommonName: "Veche demo portal"},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}, signer, now)
	if err != nil {
		return err
	}
	for name, text := range map[string][]byte{
		AuthorityFile:   signer.certificate(),
		serverFile:      own.certificate(),
		serverKeyFile:   own.secret(),
		CertificateFile: caller.certificate(),
		KeyFile:         caller.secret(),
	} {
		if err := replace(filepath.Join(dir, name), text); err != nil {
			return fmt.Errorf("write a certificate: %w", err)
		}
	}
	return nil
}

// replace writes a file so that a reader sees it whole.
func replace(file string, text []byte) error {
	if err := os.WriteFile(file+".new", text, 0o600); err != nil {
		return err
	}
	return os.Rename(file+".new", file)
}

// signed is a certificate with its key.
type signed struct {
	*x509.Certificate
	key *ecdsa.PrivateKey
	der []byte // of the key
}

// sign completes a certificate and signs it; without a signer it signs itself.
func sign(template *x509.Certificate, by *signed, now time.Time) (*signed, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("write a key: %w", err)
	}
	template.SerialNumber, err = rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, fmt.Errorf("make a certificate's number: %w", err)
	}
	template.NotBefore = now.Add(-time.Hour) // a clock a little behind must not refuse it
	template.NotAfter = now.AddDate(1, 0, 0)
	if by == nil {
		by = &signed{Certificate: template, key: key}
	}
	made, err := x509.CreateCertificate(rand.Reader, template, by.Certificate, key.Public(), by.key)
	if err != nil {
		return nil, fmt.Errorf("sign a certificate: %w", err)
	}
	parsed, err := x509.ParseCertificate(made)
	if err != nil {
		return nil, fmt.Errorf("read a certificate back: %w", err)
	}
	return &signed{Certificate: parsed, key: key, der: der}, nil
}

func (s *signed) certificate() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Raw})
}

func (s *signed) secret() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: s.der})
}
