package sigv4

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"hash"
	"net/http"
	"sync"
	"time"
)

// Skew is the maximum difference between a signature's time and the service's.
const Skew = 5 * time.Minute

// Secret is the secret part of credentials. Its methods may be called from any
// goroutine.
type Secret struct {
	key, token string

	mu   sync.RWMutex
	keys map[scope]*signingKey // derived from key
}

// NewSecret returns the secret of an access key. sessionToken is "" for permanent
// credentials.
func NewSecret(secretAccessKey, sessionToken string) *Secret {
	return &Secret{key: secretAccessKey, token: sessionToken, keys: map[scope]*signingKey{}}
}

// scope is the scope of a signing key.
type scope struct{ date, region, service string }

// signingKey computes the signatures of a scope.
type signingKey struct{ hashes sync.Pool }

// Verify checks that the request, which Parse has read into q, was signed with this
// secret and that the signature is not too old. body is the whole body of r, which
// was already read. Its URL and headers must be as received. The error is an
// *Error.
func (s *Secret) Verify(q Request, r *http.Request, body []byte, now time.Time) error {
	if err := q.checkTime(now); err != nil {
		return err
	}
	if subtle.ConstantTimeCompare([]byte(q.SessionToken), []byte(s.token)) != 1 {
		return ErrUnknownClient
	}
	var want [2 * sha256.Size]byte
	s.sign(want[:], q, r, body)
	if subtle.ConstantTimeCompare(want[:], []byte(q.Signature)) != 1 {
		return invalid("The request signature we calculated does not match the signature you provided. " +
			"Check your AWS Secret Access Key and signing method. Consult the service documentation for details.")
	}
	return nil
}

// checkTime refuses a signature that is expired or from the future.
func (q Request) checkTime(now time.Time) error {
	lifetime := Skew
	if q.Presigned {
		lifetime = q.Expires
	}
	now = now.UTC()
	switch {
	case now.Sub(q.Time) > lifetime:
		return invalid(fmt.Sprintf("Signature expired: %s is now earlier than %s (%s - %.0f min.)",
			q.Timestamp, now.Add(-lifetime).Format(timeFormat), now.Format(timeFormat), lifetime.Minutes()))
	case q.Time.Sub(now) > Skew:
		return invalid(fmt.Sprintf("Signature not yet current: %s is still later than %s (%s + 5 min.)",
			q.Timestamp, now.Add(Skew).Format(timeFormat), now.Format(timeFormat)))
	}
	return nil
}

// sign writes the request's signature in hexadecimal.
func (s *Secret) sign(into []byte, q Request, r *http.Request, body []byte) {
	buffer := buffers.Get().(*[]byte)
	canonical := appendCanonical((*buffer)[:0], q, r, body)
	sum := sha256.Sum256(canonical)

	text := append(canonical[:0], algorithm+"\n"...)
	text = append(text, q.Timestamp...)
	text = append(text, '\n')
	for _, part := range [...]string{q.Date, q.Region, q.Service} {
		text = append(text, part...)
		text = append(text, '/')
	}
	text = append(text, terminator+"\n"...)
	text = hex.AppendEncode(text, sum[:])

	key := s.signingKey(scope{q.Date, q.Region, q.Service})
	mac := key.hashes.Get().(hash.Hash)
	mac.Reset()
	mac.Write(text)
	hex.Encode(into, mac.Sum(sum[:0]))
	key.hashes.Put(mac)
	*buffer = text
	buffers.Put(buffer)
}

var buffers = sync.Pool{New: func() any { return new([]byte) }}

// maxKeys limits the cache of signing keys. A program needs one for each service
// and day. Callers with invented scopes cost only the derivation.
const maxKeys = 32

// signingKey returns the key of a scope from the cache, or derives it.
func (s *Secret) signingKey(of scope) *signingKey {
	s.mu.RLock()
	key := s.keys[of]
	s.mu.RUnlock()
	if key != nil {
		return key
	}
	secret := []byte("AWS4" + s.key)
	for _, part := range [...]string{of.date, of.region, of.service, terminator} {
		mac := hmac.New(sha256.New, secret)
		mac.Write([]byte(part))
		secret = mac.Sum(nil)
	}
	key = &signingKey{hashes: sync.Pool{New: func() any { return hmac.New(sha256.New, secret) }}}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.keys) >= maxKeys {
		clear(s.keys)
	}
	s.keys[of] = key
	return key
}
