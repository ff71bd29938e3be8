package access

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/roomcast/roomcast/internal/local/iam"
)

// Caller is the signer of a request.
type Caller struct {
	keys      *Keys
	principal *Principal
	service   string
	now       time.Time
}

// Function is the label of the calling function, "" for other callers.
func (c *Caller) Function() string { return c.principal.Function }

// Service is the service in the request's signature.
func (c *Caller) Service() string { return c.service }

// May returns nil if the caller may perform an action on a resource, an ARN, or the
// denial. more has the values of the service's own condition keys, in lower case;
// it may be nil.
func (c *Caller) May(action, resource string, more iam.Context) *Denial {
	if c.keys.options.Off || c.principal.Administrator {
		return nil
	}
	context := c.context()
	maps.Copy(context, more)
	decision := c.principal.Role.Policies.Decide(iam.Request{Action: action, Resource: resource, Context: context})
	if decision == iam.Allow {
		return nil
	}
	return c.refuse(decision, action, resource)
}

// refuse formats a denial as AWS does.
func (c *Caller) refuse(decision iam.Decision, action, resource string) *Denial {
	why := "because no identity-based policy allows the " + action + " action"
	if decision == iam.ExplicitDeny {
		why = "with an explicit deny in an identity-based policy"
	}
	return &Denial{
		Code: AccessDenied,
		Message: "User: arn:aws:sts::" + c.keys.options.AccountID + ":assumed-role/" + c.principal.Role.Name + "/" + c.principal.Session +
			" is not authorized to perform: " + action + " on resource: " + resource + " " + why,
	}
}

// ContextKeys returns the condition keys that every request has, in lower case and
// sorted.
func ContextKeys() []string {
	c := Caller{keys: New(Options{}), principal: &Principal{}}
	return slices.Sorted(maps.Keys(c.context()))
}

// context returns the values of AWS's global condition keys for a request.
func (c *Caller) context() iam.Context {
	account, region := c.keys.options.AccountID, c.keys.options.Region
	now := c.now.UTC()
	return iam.Context{
		"aws:principalarn":     {c.principal.Role.ARN},
		"aws:principalaccount": {account},
		"aws:principaltype":    {"AssumedRole"},
		"aws:userid":           {c.principal.Role.ID + ":" + c.principal.Session},
		"aws:requestedregion":  {region},
		"aws:resourceaccount":  {account},
		"aws:currenttime":      {now.Format(time.RFC3339)},
		"aws:epochtime":        {strconv.FormatInt(now.Unix(), 10)},
		// On AWS the function would call over TLS.
		"aws:securetransport": {"true"},
		"aws:viaawsservice":   {"false"},
	}
}

// Permits reports whether a principal may perform an action on a resource, outside
// any request. AWS services check this before they use a role.
func Permits(p Principal, accountID, region, action, resource string) bool {
	keys := New(Options{AccountID: accountID, Region: region})
	c := Caller{keys: keys, principal: &p, now: keys.options.Now()}
	return c.May(action, resource, nil) == nil
}
