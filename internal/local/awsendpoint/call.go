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

// call is a request once its signature has been checked.
type call struct {
	service, operation string
	target             string   // X-Amz-Target
	function           string   // label of the function that calls, "" for anybody else
	resources          []string // names of the tables, or of the queue
	needs              []need
	engine             *url.URL // nil: the secret store, or an address elsewhere
	address            string   // of what is fetched from elsewhere
	body               []byte   // as the engine gets it
	form               string   // the operation, if the caller speaks SQS's older protocol
	asksCapacity       bool     // the caller wants to see the consumed capacity
	repeatsKey         bool     // it is a batch that names a key twice
}

// read decodes the body, of which the names have to match exactly.
func (c *call) read(into any) *refusal {
	if err := strictjson.Unmarshal(c.body, into); err != nil {
		return serialization(err)
	}
	return nil
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

// describe reads the operation, and what it needs, from the request. It refuses
// what it does not understand: nothing may reach an engine that has not been
// judged.
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
