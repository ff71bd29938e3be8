package awsendpoint

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/roomcast/roomcast/internal/strictjson"
)

// The operations of SQS, by the member that names the queue.
var (
	byQueueName = []string{"CreateQueue", "GetQueueUrl"}
	bySourceARN = []string{"StartMessageMoveTask", "ListMessageMoveTasks"}
	byQueueURL  = []string{
		"AddPermission", "ChangeMessageVisibility", "ChangeMessageVisibilityBatch", "DeleteMessage", "DeleteMessageBatch",
		"DeleteQueue", "GetQueueAttributes", "ListDeadLetterSourceQueues", "ListQueueTags", "PurgeQueue", "ReceiveMessage",
		"RemovePermission", "SendMessage", "SendMessageBatch", "SetQueueAttributes", "TagQueue", "UntagQueue",
	}
)

// queueName matches names of queues.
var queueName = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,80}(\.fifo)?$`)

// describeSQS reads the queue and the required permission of a call.
func (ep *Endpoint) describeSQS(c *call) *refusal {
	var d struct{ QueueUrl, QueueName, QueueOwnerAWSAccountId, SourceArn string }
	if e := c.read(&d); e != nil {
		return e
	}
	var name string
	var e *refusal
	switch {
	case slices.Contains(byQueueURL, c.operation):
		name, e = ep.queueOfURL(c, d.QueueUrl)
	case slices.Contains(byQueueName, c.operation):
		name = d.QueueName
		if owner := d.QueueOwnerAWSAccountId; owner != "" && owner != ep.config.AccountID {
			e = noQueue()
		}
	case slices.Contains(bySourceARN, c.operation):
		front := ep.arn("sqs", "")
		if name = strings.TrimPrefix(d.SourceArn, front); d.SourceArn != front+name {
			e = noQueue()
		}
	case c.operation != "ListQueues":
		e = unknownOperation("The local SQS does not know " + c.operation + ".")
	}
	if e != nil {
		return e
	}
	if name != "" {
		if !queueName.MatchString(name) {
			return &refusal{http.StatusBadRequest, "InvalidParameterValue",
				"Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length"}
		}
		c.resources = []string{name}
	}
	// Batches have no permissions of their own. ListQueues, and a call without a
	// queue, use the ARN without a name.
	action := strings.ToLower("sqs:" + strings.TrimSuffix(c.operation, "Batch"))
	c.needs = []need{{action: action, resource: ep.arn("sqs", name)}}
	return nil
}

// queueOfURL returns the name in a queue's URL with any host, because programs may
// have the URL from AWS. The engine gets the endpoint's own URL.
func (ep *Endpoint) queueOfURL(c *call, given string) (string, *refusal) {
	if given == "" {
		return "", nil
	}
	u, err := url.Parse(given)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
		return "", &refusal{http.StatusNotFound, "InvalidAddress", "The address " + given + " is not valid for this endpoint."}
	}
	owner, name, _ := strings.Cut(strings.TrimPrefix(u.EscapedPath(), "/"), "/")
	if owner != ep.config.AccountID || !queueName.MatchString(name) {
		return "", noQueue()
	}
	ours := ep.queueURL(name)
	if given == ours {
		return name, nil
	}
	c.body, err = strictjson.Edit(c.body, func(place jsontext.Pointer, isName bool, text string) string {
		if place == "/QueueUrl" && !isName {
			return ours
		}
		return text
	})
	if err != nil {
		return "", serialization(err)
	}
	return name, nil
}

// queueURL returns the URL of a queue at this endpoint.
func (ep *Endpoint) queueURL(name string) string {
	return ep.URL() + "/" + ep.config.AccountID + "/" + name
}

func noQueue() *refusal {
	return &refusal{http.StatusBadRequest, "QueueDoesNotExist", "The specified queue does not exist."}
}

// givesURLs has the operations whose answers contain queue URLs.
var givesURLs = []string{"CreateQueue", "GetQueueUrl", "ListQueues", "ListDeadLetterSourceQueues"}

// localURLs replaces the queue URLs in an answer by those of this endpoint. SDKs
// send the next call to the host of a queue's URL.
func (ep *Endpoint) localURLs(body []byte) []byte {
	edited, err := strictjson.Edit(body, func(place jsontext.Pointer, isName bool, text string) string {
		list := strings.ToLower(string(place.Parent()))
		if isName || place != "/QueueUrl" && list != "/queueurls" {
			return text
		}
		return ep.queueURL(text[strings.LastIndexByte(text, '/')+1:])
	})
	if err != nil {
		return body // not JSON, so without URLs
	}
	return edited
}
