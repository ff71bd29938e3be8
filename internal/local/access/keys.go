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

// NewCredentials generates credentials like those of a user: without a session
// token.
func NewCredentials() Credentials {
	return Credentials{
		AccessKeyID:     "AKIA" + rand.Text()[:16],
		SecretAccessKey: (rand.Text() + rand.Text())[:40],
	}
}

// Options configures a [Keys].
type Options struct {
	// AccountID and Region are those of the cloud. Required.
	AccountID, Region string
	// Off accepts every signature and allows every call.
	Off bool
	// Now returns the time. Default: time.Now.
	Now func() time.Time
}

// Keys has the credentials of a cloud. Its methods may be called from any
// goroutine.
type Keys struct {
	options Options
	holders sync.Map // access key ID → *holder
}

// holder is the owner of credentials.
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

// Add registers the credentials of a principal.
func (k *Keys) Add(c Credentials, p Principal) {
	k.holders.Store(c.AccessKeyID, &holder{p, sigv4.NewSecret(c.SecretAccessKey, c.SessionToken)})
}

// Authenticate identifies the signer of a request. body is the whole body, already
// read from r. The signature must be for service, unless service is "".
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

// checkScope refuses a signature for another service or Region. If service is "",
// it accepts all of them.
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

// believe accepts a signature without checking it. The request may be unsigned.
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

// Principal is an owner of credentials.
type Principal struct {
	// Function is the function's label, "" for other principals.
	Function string
	// Administrator allows every call.
	Administrator bool
	// Role is the role that the principal has assumed. The zero value has no
	// permissions.
	Role Role
	// Session is the session name: for a function, its name.
	Session string
}

// Role is an IAM role.
type Role struct {
	// Name and ID are the role's. ARN contains the name and an optional path.
	Name, ID, ARN string
	// Policies are all policies of the role.
	Policies iam.Policies
}
