package awsendpoint

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/roomcast/roomcast/internal/strictjson"
)

// tableName matches names of tables and indexes. The engine refuses names shorter
// than three characters.
var tableName = regexp.MustCompile(`^[a-zA-Z0-9_.-]{1,255}$`)

// table returns the name of a table that is given by name or ARN. Engines accept
// only names, so an ARN in the body is replaced.
func (ep *Endpoint) table(c *call, given string) (string, *refusal) {
	name, isARN := given, strings.HasPrefix(given, "arn:")
	if isARN {
		var ours bool
		if name, ours = strings.CutPrefix(given, ep.arn("dynamodb", "table/")); !ours {
			return "", ep.notOurs(given)
		}
	}
	if !tableName.MatchString(name) {
		return "", validation("1 validation error detected: Value " + quoted(given) +
			" at 'tableName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+")
	}
	if !isARN {
		return name, nil
	}
	return name, nameTable(c, given, name)
}

// notOurs is the refusal of an ARN of another account, Region or kind.
func (ep *Endpoint) notOurs(arn string) *refusal {
	return &refusal{http.StatusBadRequest, "ResourceNotFoundException",
		"Requested resource not found: ResourceArn: " + arn + " not found: the local DynamoDB has tables of " + ep.arn("dynamodb", "table/*") + " only"}
}

func noTableName() *refusal {
	return validation("1 validation error detected: Value null at 'tableName' failed to satisfy constraint: Member must not be null")
}

func quoted(text string) string { return "'" + text + "'" }

// nameTable replaces an ARN by the table's name wherever the body names tables.
func nameTable(c *call, arn, name string) *refusal {
	body, err := strictjson.Edit(c.body, func(place jsontext.Pointer, isName bool, text string) string {
		if text == arn && namesTable(place, isName) {
			return name
		}
		return text
	})
	if err != nil { // the table is named by its name and by its ARN
		return validation("Provided list of item keys contains duplicates: " + arn + " is named twice")
	}
	c.body = body
	return nil
}

// namesTable reports whether a string in a request is a table's name: the TableName
// of the request or of a part of a transaction, or a member of a batch.
func namesTable(place jsontext.Pointer, isName bool) bool {
	switch {
	case isName:
		return place.Parent() == "/RequestItems"
	case place.LastToken() != "TableName":
		return false
	case place.Parent() == "":
		return true
	}
	list, kind, _ := strings.Cut(strings.TrimPrefix(string(place.Parent()), "/TransactItems/"), "/")
	_, err := strconv.Atoi(list)
	return err == nil && kind != "" && !strings.Contains(kind, "/")
}

// describeARN describes operations on an ARN of a table or its stream.
func (ep *Endpoint) describeARN(c *call) *refusal {
	var d struct{ ResourceArn, StreamArn string }
	if e := c.read(&d); e != nil {
		return e
	}
	given, form := d.ResourceArn, resourceOfTable
	if c.operation == "DescribeStream" || c.operation == "GetShardIterator" {
		given, form = d.StreamArn, resourceOfStream
	}
	if given == "" {
		return nil
	}
	parts := form.FindStringSubmatch(given)
	// DynamoDB Local has its own Region.
	if parts == nil || parts[1] != ep.config.Region && parts[1] != "ddblocal" || parts[2] != ep.config.AccountID {
		return ep.notOurs(given)
	}
	c.resources = []string{parts[4]}
	c.needs = []need{{action: "dynamodb:" + c.operation, resource: ep.arn("dynamodb", parts[3])}}
	return nil
}

// ARNs of tables and of streams: Region, account, resource, table.
var (
	resourceOfTable  = regexp.MustCompile(`^arn:aws:dynamodb:([a-z0-9-]+):([0-9]+):(table/([a-zA-Z0-9_.-]{1,255}))$`)
	resourceOfStream = regexp.MustCompile(`^arn:aws:dynamodb:([a-z0-9-]+):([0-9]+):(table/([a-zA-Z0-9_.-]{1,255})/stream/[a-zA-Z0-9:.-]+)$`)
)
