package frontdoor

import (
	"encoding/json"
	"net/http"
	"net/url"
	"path"
	"strings"
)

// sqsCall is the part of any of SQS's requests that says what it concerns.
type sqsCall struct {
	QueueUrl, QueueName string
	SourceArn           string
}

// describeSQS reads which queue a call concerns and which permission it takes.
func (f *FrontDoor) describeSQS(c *call, r *http.Request) {
	var s sqsCall
	if isQueryProtocol(r) {
		form, _ := url.ParseQuery(string(c.body)) // what can be read is
		c.operation = form.Get("Action")
		s = sqsCall{form.Get("QueueUrl"), form.Get("QueueName"), form.Get("SourceArn")}
		if s.QueueUrl == "" && r.URL.Path != "/" {
			s.QueueUrl = r.URL.Path
		}
	} else {
		_ = json.Unmarshal(c.body, &s)
	}
	resource := f.arn("sqs", "") // that of ListQueues
	switch {
	case s.QueueUrl != "":
		c.resources = []string{path.Base(s.QueueUrl)}
	case s.QueueName != "":
		c.resources = []string{s.QueueName}
	case s.SourceArn != "":
		c.resources = []string{s.SourceArn[strings.LastIndexByte(s.SourceArn, ':')+1:]}
	}
	for _, name := range c.resources {
		resource = f.arn("sqs", name)
	}
	// There are no permissions for batches, and SQS writes all of them in
	// lower case.
	action := strings.ToLower("sqs:" + strings.TrimSuffix(c.operation, "Batch"))
	c.needs = []need{{action: action, resource: resource}}
}

// isQueryProtocol tells AWS's older protocol, parameters in a form, from JSON.
func isQueryProtocol(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded")
}
