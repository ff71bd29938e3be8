package frontdoor

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/roomcast/roomcast/internal/local/access"
	"github.com/roomcast/roomcast/internal/local/iam"
	"github.com/roomcast/roomcast/internal/local/vault"
)

// call is a request once its signature has been checked.
type call struct {
	service, operation string
	function           string   // label of the function that calls, "" for anybody else
	resources          []string // names of the tables, or of the queue
	needs              []need
	engine             *url.URL // nil: the vault
	body               []byte
	asksCapacity       bool // the caller wants to see the consumed capacity
}

// need is a permission that a call takes.
type need struct {
	action, resource string
	context          iam.Context
	shown            string // what a refusal calls the resource; "": its ARN
}

// check asks whether the caller has the permission: nil, or why not.
func (n need) check(caller *access.Caller) *access.Denial {
	denial := caller.May(n.action, n.resource, n.context)
	if denial != nil && n.shown != "" {
		denial.Message = strings.Replace(denial.Message, " on resource: "+n.resource+" ", " on resource: "+n.shown+" ", 1)
	}
	return denial
}

// describe reads the operation, and what it needs, from the request.
func (f *FrontDoor) describe(c *call, r *http.Request) {
	_, c.operation, _ = strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	switch c.service {
	case "dynamodb":
		f.describeDynamoDB(c)
	case "sqs":
		f.describeSQS(c, r)
	case vault.SecretsManager:
		f.describeSecret(c)
	case vault.SSM:
		f.describeParameter(c)
	default:
		c.needs = []need{{action: c.service + ":" + c.operation, resource: "*"}}
	}
}

func (f *FrontDoor) arn(service, name string) string {
	return "arn:aws:" + service + ":" + f.config.Region + ":" + f.config.AccountID + ":" + name
}
