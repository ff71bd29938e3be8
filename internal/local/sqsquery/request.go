// Package sqsquery converts between SQS's older protocol, with forms as requests
// and answers in XML, and the newer one. SDKs before November 2023 use the older
// one, such as boto3 before 1.28.82.
//
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-making-api-requests.html
package sqsquery

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// lists has the members that are lists, by the prefix of their parameters:
// AttributeName.1, AttributeName.2.
var lists = map[string]string{
	"AttributeName":                            "AttributeNames",
	"MessageAttributeName":                     "MessageAttributeNames",
	"MessageSystemAttributeName":               "MessageSystemAttributeNames",
	"TagKey":                                   "TagKeys",
	"AWSAccountId":                             "AWSAccountIds",
	"ActionName":                               "Actions",
	"SendMessageBatchRequestEntry":             "Entries",
	"DeleteMessageBatchRequestEntry":           "Entries",
	"ChangeMessageVisibilityBatchRequestEntry": "Entries",
}

// named has the members that are maps: Attribute.1.Name, Attribute.1.Value.
var named = map[string]struct{ member, key string }{
	"Attribute":              {"Attributes", "Name"},
	"MessageAttribute":       {"MessageAttributes", "Name"},
	"MessageSystemAttribute": {"MessageSystemAttributes", "Name"},
	"Tag":                    {"Tags", "Key"},
}

// numbers has the members that are numbers in JSON.
var numbers = []string{"DelaySeconds", "MaxNumberOfMessages", "MaxResults", "VisibilityTimeout", "WaitTimeSeconds"}

// protocol has the parameters that are not members of a request.
var protocol = []string{"Action", "Version"}

// deepest is the maximum number of dots in a parameter's name:
// SendMessageBatchRequestEntry.1.MessageAttribute.1.Value.StringValue has five.
const deepest = 5

// Request converts a form. It returns the operation and the members of its request,
// or an error.
func Request(form string) (operation string, members map[string]any, err error) {
	values, err := url.ParseQuery(form)
	if err != nil {
		return "", nil, err
	}
	root := &node{}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if len(values[name]) != 1 {
			return "", nil, fmt.Errorf("invalid parameter %s: it is given %d times", name, len(values[name]))
		}
		if strings.Count(name, ".") > deepest {
			return "", nil, fmt.Errorf("invalid parameter %.40s…: expected at most %d parts", name, deepest+1)
		}
		root.set(name, values[name][0])
	}
	operation = values.Get("Action")
	if members, err = root.object(); err != nil {
		return "", nil, err
	}
	for _, name := range protocol {
		delete(members, name)
	}
	if tags, ok := members["Tags"]; ok && operation == "CreateQueue" { // the only operation with this spelling
		delete(members, "Tags")
		members["tags"] = tags
	}
	return operation, members, nil
}

// node is a parameter: a value, or parameters below it.
type node struct {
	value string
	below map[string]*node
}

// set stores a value under its dotted name.
func (n *node) set(name, value string) {
	at := n
	for part := range strings.SplitSeq(name, ".") {
		if at.below == nil {
			at.below = map[string]*node{}
		}
		next := at.below[part]
		if next == nil {
			next = &node{}
			at.below[part] = next
		}
		at = next
	}
	at.value = value
}

// object converts parameters that are members of an object.
func (n *node) object() (map[string]any, error) {
	members := map[string]any{}
	for name, below := range n.below {
		var err error
		if below.below == nil {
			members[name], err = scalar(name, below.value)
		} else if member, ok := lists[name]; ok {
			members[member], err = below.list()
		} else if as, ok := named[name]; ok {
			members[as.member], err = below.named(as.key)
		} else {
			members[name], err = below.object()
		}
		if err != nil {
			return nil, err
		}
	}
	return members, nil
}

func scalar(name, value string) (any, error) {
	if !slices.Contains(numbers, name) {
		return value, nil
	}
	n, err := strconv.Atoi(value)
	if err != nil {
		return nil, fmt.Errorf("invalid parameter %s %q: expected a number", name, value)
	}
	return n, nil
}

// list converts numbered parameters: .1, .2, ….
func (n *node) list() ([]any, error) {
	var all []any
	for _, item := range n.numbered() {
		if item.below == nil {
			all = append(all, item.value)
			continue
		}
		object, err := item.object()
		if err != nil {
			return nil, err
		}
		all = append(all, object)
	}
	return all, nil
}

// named converts numbered parameters that each have a name and a value.
func (n *node) named(key string) (map[string]any, error) {
	all := map[string]any{}
	for _, item := range n.numbered() {
		name, value := item.below[key], item.below["Value"]
		if name == nil || value == nil {
			return nil, fmt.Errorf("missing %s or Value of an attribute or tag", key)
		}
		if _, twice := all[name.value]; twice {
			return nil, fmt.Errorf("duplicate name %s", name.value)
		}
		all[name.value] = value.value
		if value.below != nil {
			object, err := value.object()
			if err != nil {
				return nil, err
			}
			all[name.value] = object
		}
	}
	return all, nil
}

// numbered returns the parameters below, in the order of their numbers.
func (n *node) numbered() []*node {
	names := slices.SortedFunc(maps.Keys(n.below), func(a, b string) int {
		x, _ := strconv.Atoi(a)
		y, _ := strconv.Atoi(b)
		return x - y
	})
	all := make([]*node, len(names))
	for i, name := range names {
		all[i] = n.below[name]
	}
	return all
}
