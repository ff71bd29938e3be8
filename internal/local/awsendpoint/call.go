package awsendpoint

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/roomcast/roomcast/internal/local/access"
	"github.com/roomcast/roomcast/internal/local/iam"
	"github.com/roomcast/roomcast/internal/local/secrets"
	"github.com/roomcast/roomcast/internal/strictjson"
)

// call is a request after its signature was checked.
type call struct {
	service, operation string
	target             string   // X-Amz-Target
	function           string   // label of the calling function, "" for other callers
	resources          []string // names of the tables, or of the queue
	needs              []need
	engine             *url.URL // nil: the secret store, or an address outside
	address            string   // the address outside
	body               []byte   // as it is sent to the engine
	form               string   // the operation in SQS's older protocol; "" for JSON
	asksCapacity       bool     // the caller asked for the consumed capacity
	repeatsKey         bool     // a batch that names a key twice
}

// read decodes the body. Member names must match exactly.
func (c *call) read(into any) *refusal {
	if err := strictjson.Unmarshal(c.body, into); err != nil {
		return serialization(err)
	}
	return nil
}

// need is a permission that a call requires.
type need struct {
	action, resource string
	context          iam.Context
	shown            string // the resource's name in a refusal; "": its ARN
}

// check returns nil if the caller has the permission, or the denial.
func (n need) check(caller *access.Caller) *access.Denial {
	denial := caller.May(n.action, n.resource, n.context)
	if denial != nil && n.shown != "" {
		denial.Message = strings.Replace(denial.Message, " on resource: "+n.resource+" ", " on resource: "+n.shown+" ", 1)
	}
	return denial
}

// describe reads the operation and the required permissions from the request. It
// refuses what it does not understand: every request that reaches an engine was
// authorized.
func (ep *Endpoint) describe(c *call, r *http.Request) *refusal {
	var e *refusal
	if c.operation, e = operationOf(r, c.service, c.body); e != nil {
		return e
	}
	c.target = r.Header.Get("X-Amz-Target")
	switch c.service {
	case "dynamodb":
		return ep.describeDynamoDB(c)
	case "sqs":
		return ep.describeSQS(c)
	case secrets.SecretsManager:
		return ep.describeSecret(c)
	case secrets.SSM:
		return ep.describeParameter(c)
	}
	return ep.notEmulated(*c)
}

func (ep *Endpoint) arn(service, name string) string {
	return "arn:aws:" + service + ":" + ep.config.Region + ":" + ep.config.AccountID + ":" + name
}
