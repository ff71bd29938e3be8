package apigateway

import (
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// signer has the region, credentials and key for the requests to one stage.
type signer struct {
	region      string
	credentials aws.CredentialsProvider
	last        atomic.Pointer[signingKey] // the key used last
	clock       atomic.Int64               // see skew; in nanoseconds
}

// signingKey is the key that is derived from credentials for one day.
type signingKey struct {
	credentials aws.Credentials
	day         string
	scope       string    // the credential scope
	macs        sync.Pool // of hash.Hash: HMACs with the key
}

// mustFetch reports whether the provider probably has to fetch credentials.
func (s *signer) mustFetch() bool {
	key := s.last.Load()
	return key == nil || key.credentials.Expired()
}

// key returns the signing key of credentials for a time in UTC. It derives a new key
// if the day or the credentials have changed since the last call. Concurrent calls
// may each derive it, which is harmless.
func (s *signer) key(c aws.Credentials, at time.Time) (*signingKey, error) {
	var day [len(dayFormat)]byte
	at.AppendFormat(day[:0], dayFormat)
	key := s.last.Load()
	if key != nil && key.day == string(day[:]) && key.credentials.AccessKeyID == c.AccessKeyID &&
		key.credentials.SecretAccessKey == c.SecretAccessKey && key.credentials.SessionToken == c.SessionToken {
		return key, nil
	}
	if !c.HasKeys() || !fitsHeader(c.AccessKeyID) || !fitsHeader(c.SessionToken) {
		return nil, errors.New("invalid AWS credentials: expected an access key and a secret key, without spaces or control characters")
	}
	key = derive(c, string(day[:]), s.region)
	s.last.Store(key)
	return key, nil
}

// derive returns the signing key of credentials for a day.
func derive(c aws.Credentials, day, region string) *signingKey {
	secret := []byte("AWS4" + c.SecretAccessKey)
	for _, part := range [...]string{day, region, service, terminator} {
		mac := hmac.New(sha256.New, secret)
		mac.Write([]byte(part))
		secret = mac.Sum(nil)
	}
	key := &signingKey{credentials: c, day: day, scope: day + "/" + region + "/" + service + "/" + terminator}
	key.macs.New = func() any { return hmac.New(sha256.New, secret) }
	return key
}

// fitsHeader reports whether a credential can be sent in a header unchanged.
func fitsHeader(credential string) bool {
	for i := range len(credential) {
		if c := credential[i]; c <= ' ' || c >= 0x7f {
			return false
		}
	}
	return true
}
