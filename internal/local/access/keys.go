package access

import (
	"crypto/rand"
	"net/http"
	"sync"
	"time"

	"github.com/roomcast/roomcast/internal/local/iam"
	"github.com/roomcast/roomcast/internal/local/sigv4"
)

// Credentials sign requests.
type Credentials struct {
	AccessKeyID, SecretAccessKey string
	// SessionToken is "" for credentials that do not expire.
	SessionToken string
}

// NewCredentials makes up credentials in the form of a user's: without a
// session token.
func NewCredentials() Credentials {
	return Credentials{
		AccessKeyID:     "AKIA" + rand.Text()[:16],
		SecretAccessKey: (rand.Text() + rand.Text())[:40],
	}
}

// Options say where the keys are valid.
type Options struct {
	// AccountID and Region are those of the cloud. Required.
	AccountID, Region string
	// Off takes every signature for good and allows everything.
	Off bool
	// Now is the time. Default: time.Now.
	Now func() time.Time
}

// Keys are the credentials of a cloud. Its methods may be called from any
// goroutine.
type Keys struct {
	options Options
	holders sync.Map // access key id → *holder
}

// holder is who has credentials.
type holder struct {
	principal Principal
	secret    *sigv4.Secret
}

// New returns a Keys without any credentials.
func New(o Options) *Keys {
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Keys{options: o}
}

// Add makes credentials known as those of a principal.
func (k *Keys) Add(c Credentials, p Principal) {
	k.holders.Store(c.AccessKeyID, &holder{p, sigv4.NewSecret(c.SecretAccessKey, c.SessionToken)})
}

// Authenticate finds out who signed a request. body is the whole body, which
// has been read from r. service is the only one that the signature may be for,
// or "" when any is good.
func (k *Keys) Authenticate(r *http.Request, body []byte, service string) (*Caller, *Denial) {
	if k.options.Off {
		return k.believe(r, service), nil
	}
	q, err := sigv4.Parse(r)
	if err != nil {
		return nil, denied(err)
	}
	found, ok := k.holders.Load(q.AccessKeyID)
	if !ok {
		return nil, denied(sigv4.ErrUnknownClient)
	}
	h := found.(*holder)
	if denial := k.checkScope(q, service); denial != nil {
		return nil, denial
	}
	now := k.options.Now()
	if err := h.secret.Verify(q, r, body, now); err != nil {
		return nil, denied(err)
	}
	return &Caller{keys: k, principal: &h.principal, service: q.Service, now: now}, nil
}

// checkScope refuses a signature for another service or region. A service of
// "" stands for an endpoint of all services in all regions.
func (k *Keys) checkScope(q sigv4.Request, service string) *Denial {
	switch {
	case service == "":
		return nil
	case q.Service != service:
		return &Denial{Code: sigv4.Invalid, Message: "Credential should be scoped to correct service: '" + service + "'."}
	case q.Region != k.options.Region:
		return &Denial{Code: sigv4.Invalid, Message: "Credential should be scoped to a valid region, not '" + q.Region + "'."}
	}
	return nil
}

// believe takes a signature at its word. A request may lack one.
func (k *Keys) believe(r *http.Request, service string) *Caller {
	c := &Caller{keys: k, principal: &Principal{}, service: service, now: k.options.Now()}
	q, err := sigv4.Parse(r)
	if err != nil {
		return c
	}
	c.service = q.Service
	if found, ok := k.holders.Load(q.AccessKeyID); ok {
		c.principal = &found.(*holder).principal
	}
	return c
}

// Principal is somebody who has credentials.
type Principal struct {
	// Function is the label of the function, "" for everybody else.
	Function string
	// Administrator may do everything.
	Administrator bool
	// Role is the role that the principal has assumed. Its zero value may do
	// nothing.
	Role Role
	// Session is the name of the session: for a function its name.
	Session string
}

// Role is an IAM role.
type Role struct {
	// Name and ID are the role's; ARN contains the name and perhaps a path.
	Name, ID, ARN string
	// Policies are all that are attached to the role.
	Policies iam.Policies
}
