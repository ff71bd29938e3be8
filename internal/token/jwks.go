package token

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/MicahParks/jwkset"
)

const (
	// keepKeys is how long the keys of a provider count as fresh.
	keepKeys = time.Hour
	// maxKeySet and maxKeys bound a provider's answer.
	maxKeySet = 256 << 10
	maxKeys   = 50
)

// checkKeysURL returns what is wrong with the URL of a provider's keys.
func checkKeysURL(address string) error {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Host == "" || u.User != nil:
		return errors.New("must be an https URL such as https://issuer.example/.well-known/jwks.json")
	case u.Scheme == "https" || u.Scheme == "http" && isLoopback(u.Hostname()):
		return nil
	}
	return fmt.Errorf("must be an https URL, http is for this machine only, got %q", address)
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// fetchKeys returns a function that fetches the keys at an address that fit one
// of the algorithms.
func fetchKeys(address string, algorithms []string) func(context.Context) ([]key, error) {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DisableKeepAlives = true // the next fetch is an hour away
	client := &http.Client{
		Transport: transport,
		// Only the configured address was checked, so a person has to decide about
		// another one.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return func(ctx context.Context) ([]key, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
		if err != nil {
			return nil, fmt.Errorf("fetch the keys: %w", err)
		}
		resp, err := client.Do(req)
		if err != nil {
			return nil, fmt.Errorf("fetch the keys: %w", err)
		}
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			return nil, fmt.Errorf("fetch the keys: %s answered status %d, not 200 (redirects are not followed)", address, resp.StatusCode)
		}
		data, err := io.ReadAll(io.LimitReader(resp.Body, maxKeySet+1))
		if err != nil {
			return nil, fmt.Errorf("fetch the keys: %w", err)
		}
		return readKeys(data, algorithms)
	}
}

// readKeys reads a JSON web key set. It ignores keys for other algorithms:
// providers publish keys for other purposes too.
func readKeys(data []byte, algorithms []string) ([]key, error) {
	if len(data) > maxKeySet {
		return nil, fmt.Errorf("the key set has more than %d bytes", maxKeySet)
	}
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(data, &set); err != nil {
		return nil, errors.New("invalid key set: expected a JSON object with a list of keys")
	}
	if len(set.Keys) > maxKeys {
		return nil, fmt.Errorf("the key set has %d keys, more than %d", len(set.Keys), maxKeys)
	}
	var keys []key
	for _, raw := range set.Keys {
		if k, ok := readKey(raw, algorithms); ok {
			keys = append(keys, k)
		}
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("invalid key set: none of its %d keys is for %v", len(set.Keys), algorithms)
	}
	return keys, nil
}

// readKey reads a JSON web key if it is public and for signatures of one of the
// algorithms.
func readKey(raw json.RawMessage, algorithms []string) (key, bool) {
	var m jwkset.JWKMarshal
	if json.Unmarshal(raw, &m) != nil {
		return key{}, false
	}
	if m.USE != "" && m.USE != jwkset.UseSig || len(m.KEYOPS) > 0 && !slices.Contains(m.KEYOPS, jwkset.KeyOpsVerify) {
		return key{}, false
	}
	// Certificates are ignored.
	m.X5U, m.X5C, m.X5T, m.X5TS256 = "", nil, "", ""
	parsed, err := jwkset.NewJWKFromMarshal(m, jwkset.JWKMarshalOptions{}, jwkset.JWKValidateOptions{})
	if err != nil {
		return key{}, false
	}
	k := key{id: m.KID, material: parsed.Key()}
	for _, a := range algorithms {
		if (m.ALG == "" || string(m.ALG) == a) && publicFits[a](k.material) {
			k.algorithms = append(k.algorithms, a)
		}
	}
	return k, len(k.algorithms) > 0
}
