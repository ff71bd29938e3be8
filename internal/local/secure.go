package local

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"maps"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/roomcast/roomcast/internal/local/plan"
	"github.com/roomcast/roomcast/internal/settings"
)

// secure opens a TLS port for each API if there are JavaScript functions. Most of
// them build the @connections URL as "https://" and the domain name of their event.
// That works on AWS without configuration, so it must work here.
func (c *Cloud) secure() error {
	if !c.plan.UsesNode() || len(c.servers) == 0 {
		return nil
	}
	certificate, err := newCertificate()
	if err != nil {
		return fmt.Errorf("make a certificate for 127.0.0.1: %w", err)
	}
	temp, err := c.scratch()
	if err != nil {
		return err
	}
	c.authority = filepath.Join(temp, "ca.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Certificate[0]})
	if err := os.WriteFile(c.authority, text, 0o644); err != nil {
		return fmt.Errorf("write the certificate of 127.0.0.1: %w", err)
	}
	for _, s := range c.servers {
		if s.secure, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			return fmt.Errorf("listen for TLS: %w", err)
		}
		s.server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{certificate}}
		// WebSocket needs HTTP/1.1.
		s.server.TLSNextProto = map[string]func(*http.Server, *tls.Conn, http.Handler){}
	}
	return nil
}

// newCertificate returns a certificate for 127.0.0.1 that only the functions of
// this run trust. Its key is never written to disk.
func newCertificate() (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()), Subject: pkix.Name{CommonName: "Roomcast's local cloud"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(1, 0, 0),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, BasicConstraintsValid: true, IsCA: true,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}

// domain returns the API's host in the events of functions.
func (s *apiServer) domain() string {
	if s.secure != nil {
		return s.secure.Addr().String()
	}
	return s.host()
}

// environ returns the environment of a function in the running cloud. If faults can
// be injected, the URL of a token provider's keys leads through the AWS endpoint.
func (c *Cloud) environ(f *plan.Function) map[string]string {
	environment := make(map[string]string, len(f.Environment))
	for name, value := range f.Environment {
		environment[name] = c.urls.localize(value)
	}
	for name, value := range c.options.Environment {
		if _, has := environment[name]; has {
			environment[name] = value
		}
	}
	if keys := environment[settings.AuthJWKSURL]; keys != "" && c.options.Faults != nil {
		environment[settings.AuthJWKSURL] = c.endpoint.RelayKeySet(f.Label, keys)
	}
	if c.authority == "" || !f.RunsNode() {
		return environment
	}
	trusting := map[string]string{"NODE_EXTRA_CA_CERTS": c.authority}
	maps.Copy(trusting, environment)
	return trusting
}
