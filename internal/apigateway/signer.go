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

// signer knows what requests to one stage are signed with.
type signer struct {
	region      string
	credentials aws.CredentialsProvider
	last        atomic.Pointer[signingKey] // the key that was used last
	clock       atomic.Int64               // see skew, in nanoseconds
}

// signingKey is what credentials become for the requests of one day.
type signingKey struct {
	credentials aws.Credentials
	day         string
	scope       string    // what the key is good for, as signatures name it
	macs        sync.Pool // of hash.Hash: HMACs that know the key
}

// mustFetch tells that credentials are not at hand, as far as can be seen.
func (s *signer) mustFetch() bool {
	key := s.last.Load()
	return key == nil || key.credentials.Expired()
}

// key returns the signing key of credentials for a time in UTC. It is derived
// when the day or the credentials are not those of the last call. Calls at the
// same time may each derive it, which does no harm.
func (s *signer) key(c aws.Credentials, at time.Time) (*signingKey, error) {
	var day [len(dayFormat)]byte
	at.AppendFormat(day[:0], dayFormat)
	key := s.last.Load()
	if key != nil && key.day == string(day[:]) && key.credentials.AccessKeyID == c.AccessKeyID &&
		key.credentials.SecretAccessKey == c.SecretAccessKey && key.credentials.SessionToken == c.SessionToken {
		return key, nil
	}
	if !c.HasKeys() || !fitsHeader(c.AccessKeyID) || !fitsHeader(c.SessionToken) {
		return nil, errors.New("the AWS credentials cannot be signed with: keys are missing, or hold spaces or other characters that no header can hold")
	}
	key = derive(c, string(day[:]), s.region)
	s.last.Store(key)
	return key, nil
}

// derive makes the signing key of credentials for a day.
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

// fitsHeader tells whether a credential can be sent as it is.
func fitsHeader(credential string) bool {
	for i := range len(credential) {
		if c := credential[i]; c <= ' ' || c >= 0x7f {
			return false
		}
	}
	return true
}
