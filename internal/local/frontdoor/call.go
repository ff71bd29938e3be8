package frontdoor

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/roomcast/roomcast/internal/local/iam"
)

// call is a request once its signature has been checked.
type call struct {
	service, operation string
	function           string   // label of the function that calls, "" for anybody else
	resources          []string // names of the tables, or of the queue
	needs              []need
	engine             *url.URL
	body               []byte
	asksCapacity       bool // the caller wants to see the consumed capacity
}

// need is a permission that a call takes.
type need struct {
	action, resource string
	context          iam.Context
}

// describe reads the operation, and what it needs, from the request.
func (f *FrontDoor) describe(c *call, r *http.Request) {
	_, c.operation, _ = strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	switch c.service {
	case "dynamodb":
		f.describeDynamoDB(c)
	case "sqs":
		f.describeSQS(c, r)
	default:
		c.needs = []need{{action: c.service + ":" + c.operation, resource: "*"}}
	}
}

func (f *FrontDoor) arn(service, name string) string {
	return "arn:aws:" + service + ":" + f.config.Region + ":" + f.config.AccountID + ":" + name
}
