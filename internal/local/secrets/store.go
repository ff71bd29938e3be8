package secrets

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/roomcast/roomcast/internal/strictjson"
)

// The services, by their names in credential scopes.
const (
	SecretsManager = "secretsmanager"
	SSM            = "ssm"
)

// Services returns the services that a Store emulates, sorted.
func Services() []string { return []string{SecretsManager, SSM} }

// Stands reports whether a Store emulates a service.
func Stands(service string) bool { return slices.Contains(Services(), service) }

// Config configures a [Store].
type Config struct {
	// AccountID and Region are part of the ARNs. Required.
	AccountID, Region string
	// Now returns the time. Default: time.Now.
	Now func() time.Time
}

// Store holds secrets and parameters. Its methods may be called from any
// goroutine.
type Store struct {
	config Config

	mu         sync.Mutex
	secrets    []*secret
	parameters []*parameter
}

// New returns an empty Store.
func New(c Config) *Store {
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Store{config: c}
}

// operation is a call that a Store emulates. It runs while mu is held.
type operation func(st *Store, body []byte) (answer any, failed *failure)

var operations = map[string]map[string]operation{
	SecretsManager: {
		"DescribeSecret": request((*Store).describeSecret),
		"GetSecretValue": request((*Store).getSecretValue),
		"PutSecretValue": request((*Store).putSecretValue),
		"UpdateSecret":   request((*Store).updateSecret),
	},
	SSM: {
		"GetParameter":        request((*Store).getParameter),
		"GetParameters":       request((*Store).getParameters),
		"GetParametersByPath": request((*Store).getParametersByPath),
		"PutParameter":        request((*Store).putParameter),
	},
}

// request returns the operation of a method that takes a request of type T.
func request[T any](method func(*Store, T) (any, *failure)) operation {
	return func(st *Store, body []byte) (any, *failure) {
		var in T
		if strictjson.Unmarshal(body, &in) != nil {
			return nil, &failure{http.StatusBadRequest, "SerializationException", "The request body is not understood."}
		}
		return method(st, in)
	}
}

// Call runs a call, such as GetSecretValue of SecretsManager, with a JSON body. It
// returns the status and body of the answer, even if the call fails.
func (st *Store) Call(service, name string, body []byte) (status int, answer []byte) {
	run, known := operations[service][name]
	if !known {
		return (&failure{http.StatusNotImplemented, "NotImplemented",
			fmt.Sprintf("the local cloud does not emulate %s of %s", name, service)}).write(service)
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	out, failed := run(st, body)
	if failed != nil {
		return failed.write(service)
	}
	return http.StatusOK, marshal(out)
}

// Rewrite changes the text of every value, for example to replace URLs.
func (st *Store) Rewrite(change func(string) string) {
	st.mu.Lock()
	defer st.mu.Unlock()
	for _, s := range st.secrets {
		for _, one := range s.versions {
			if one.text != nil {
				changed := change(*one.text)
				one.text = &changed
			}
		}
	}
	for _, p := range st.parameters {
		for i := range p.versions {
			p.versions[i].value = change(p.versions[i].value)
		}
	}
}

// arn returns the ARN of a resource in this account and Region.
func (st *Store) arn(service, name string) string {
	return "arn:aws:" + service + ":" + st.config.Region + ":" + st.config.AccountID + ":" + name
}

// seconds returns a time as AWS's JSON protocol writes it.
func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

// newID returns a random UUID.
func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // it never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
