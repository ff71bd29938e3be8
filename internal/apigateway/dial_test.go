package apigateway

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
)

// secureStage returns a stage over TLS, and an HTTP client of the SDK's kind
// that trusts it, as one does that AWS_CA_BUNDLE was given to.
func secureStage(t *testing.T, change func(*tls.Config)) (*httptest.Server, *awshttp.BuildableClient) {
	t.Helper()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.Proto != "HTTP/1.1" {
			t.Errorf("came by %s", r.Proto)
		}
	}))
	server.EnableHTTP2 = true
	server.TLS = &tls.Config{}
	change(server.TLS)
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // handshakes fail on purpose
	server.StartTLS()
	t.Cleanup(server.Close)
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	return server, awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
		t.TLSClientConfig = &tls.Config{RootCAs: roots}
	})
}

func TestTLS(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		host    string // "": the address
		change  func(*tls.Config)
		trusted bool
		says    string // "": no error
	}{
		{"trusted", "", func(*tls.Config) {}, true, ""},
		{"TLS 1.2", "", func(c *tls.Config) { c.MaxVersion = tls.VersionTLS12 }, true, ""},
		{"TLS 1.1", "", func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 }, true, "protocol version"},
		{"unknown root", "", func(*tls.Config) {}, false, "certificate"},
		{"another host's certificate", "localhost", func(*tls.Config) {}, true, "certificate is valid for example.com"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			server, client := secureStage(t, c.change)
			cfg := config()
			if c.trusted {
				cfg.HTTPClient = client
			}
			url := server.URL
			if c.host != "" {
				url = strings.Replace(url, "127.0.0.1", c.host, 1)
			}
			err := NewPoster(cfg, url).Post(t.Context(), "c1", frame)
			if (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want %q", err, c.says)
			}
		})
	}
}

// TestNameAndResumption checks what a TLS server sees: the host name, and a resumed
// session on the next socket.
func TestNameAndResumption(t *testing.T) {
	t.Parallel()
	names := make(chan string, 2)
	server, client := secureStage(t, func(c *tls.Config) {
		c.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
			names <- hello.ServerName
			return nil, nil
		}
	})
	cfg := config()
	cfg.HTTPClient = client
	p := NewPoster(cfg, "https://example.com/prod")
	there := p.stage
	there.address = server.Listener.Addr().String()
	var resumed []bool
	dial := newDialer(cfg.HTTPClient, there)
	p.sockets.dial = func(ctx context.Context) (*socket, error) {
		s, err := dial(ctx)
		if err == nil {
			resumed = append(resumed, s.conn.(*tls.Conn).ConnectionState().DidResume)
		}
		return s, err
	}
	for range 2 {
		if err := p.Post(t.Context(), "c1", frame); err != nil {
			t.Fatal(err)
		}
		p.sockets.expire(1)
		if name := <-names; name != "example.com" {
			t.Errorf("asked for %q", name)
		}
	}
	if len(resumed) != 2 || resumed[0] || !resumed[1] {
		t.Errorf("resumed %v, want the second", resumed)
	}
}
