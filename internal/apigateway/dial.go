package apigateway

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// newDialer returns a function that opens a socket to a stage.
func newDialer(client aws.HTTPClient, to stage) func(context.Context) (*socket, error) {
	if !to.tls {
		return func(ctx context.Context) (*socket, error) {
			var dialer net.Dialer
			conn, err := dialer.DialContext(ctx, "tcp", to.address)
			if err != nil {
				return nil, fmt.Errorf("connect: %w", err)
			}
			return &socket{conn: conn, raw: conn}, nil
		}
	}
	dialer := tls.Dialer{Config: tlsConfig(client, to)}
	return func(ctx context.Context) (*socket, error) {
		conn, err := dialer.DialContext(ctx, "tcp", to.address)
		if err != nil {
			return nil, fmt.Errorf("connect: %w", err)
		}
		return &socket{conn: conn, raw: conn.(*tls.Conn).NetConn()}, nil
	}
}

// tlsConfig returns the TLS settings of an HTTP client, adapted to a stage.
func tlsConfig(client aws.HTTPClient, to stage) *tls.Config {
	c := &tls.Config{}
	if t := transport(client); t != nil && t.TLSClientConfig != nil {
		c = t.TLSClientConfig.Clone()
	}
	if c.ServerName == "" {
		c.ServerName = to.name
	}
	c.MinVersion = max(c.MinVersion, tls.VersionTLS12)
	c.NextProtos = []string{"http/1.1"}
	if c.ClientSessionCache == nil {
		c.ClientSessionCache = tls.NewLRUClientSessionCache(1) // there is one host
	}
	return c
}

// transport returns the transport of an SDK or net/http client, or nil.
func transport(client aws.HTTPClient) *http.Transport {
	switch client := client.(type) {
	case interface{ GetTransport() *http.Transport }:
		return client.GetTransport()
	case *http.Client:
		t, _ := client.Transport.(*http.Transport)
		return t
	}
	return nil
}
