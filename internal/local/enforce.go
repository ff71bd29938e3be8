package local

import (
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/roomcast/roomcast/internal/local/access"
)

// enforceable refuses a plan whose policies cannot be enforced, and one with
// which AWS would refuse to make an event source mapping.
func (p *plan) enforceable() error {
	refused := slices.Clone(p.lawless)
	for _, s := range p.sources {
		refused = append(refused, s.checkRole())
	}
	return errors.Join(refused...)
}

// checkRole asks, as Lambda does when a mapping is made, whether the function's
// role may do what polling takes.
func (s *eventSource) checkRole() error {
	for _, action := range []string{"ReceiveMessage", "DeleteMessage", "GetQueueAttributes"} {
		if !s.function.may("sqs:"+action, s.queue.arn()) {
			return fmt.Errorf("%s: The function execution role does not have permissions to call %s on SQS: grant the role of %s sqs:%s on %s",
				s, action, s.function.label, action, s.queue.arn())
		}
	}
	return nil
}

// may asks the function's role, outside any request.
func (f *function) may(action, resource string) bool {
	return access.Permits(f.principal(), account, region, action, resource)
}

// mayLog says whether the function's role may write to its log group, and make
// it when the app does not define it. On AWS nobody is told that it may not:
// the lines just do not appear.
func (p *plan) mayLog(f *function) bool {
	group := f.logging.Group
	if group == "" {
		group = "/aws/lambda/" + f.name
	}
	if !slices.Contains(p.logGroups, group) && !f.may("logs:CreateLogGroup", arn("logs", "log-group:"+group+":*")) {
		return false
	}
	stream := arn("logs", "log-group:"+group+":log-stream:local")
	return f.may("logs:CreateLogStream", stream) && f.may("logs:PutLogEvents", stream)
}

// lawNotes returns a line for each thing in the policies that is not evaluated
// as AWS would.
func (p *plan) lawNotes() []string {
	var notes []string
	for _, r := range p.roles {
		for _, policy := range r.Policies {
			for _, operator := range policy.Unknown() {
				notes = append(notes, fmt.Sprintf("not evaluated: the condition operator %s in the policies of %s; it counts against the caller", operator, r))
			}
			for _, key := range policy.ConditionKeys() {
				if !slices.Contains(knownKeys(), key) {
					notes = append(notes, fmt.Sprintf("not evaluated: the condition key %s in the policies of %s; it counts as absent", key, r))
				}
			}
		}
	}
	slices.Sort(notes)
	return slices.Compact(notes)
}

// knownKeys are the condition keys that requests have values for.
func knownKeys() []string {
	return append(access.ContextKeys(),
		"dynamodb:leadingkeys", "dynamodb:select", "dynamodb:enclosingoperation",
		"secretsmanager:secretid", "secretsmanager:versionid", "secretsmanager:versionstage",
		"ssm:overwrite", "ssm:recursive")
}

// partitionKey is the attribute that is the partition key of a table, or of
// one of its indexes; "" if there is none such.
func (p *plan) partitionKey(table, index string) string {
	for _, t := range p.tables {
		if t.name == table {
			return t.partitionKey(index)
		}
	}
	return ""
}

// sortKey names the sort key of a table, "" if it has none.
func (p *plan) sortKey(table string) string {
	for _, t := range p.tables {
		for _, key := range t.properties.KeySchema {
			if t.name == table && key.KeyType == types.KeyTypeRange {
				return *key.AttributeName
			}
		}
	}
	return ""
}

func (t *table) partitionKey(index string) string {
	schema := t.properties.KeySchema
	for _, i := range t.properties.GlobalSecondaryIndexes {
		if index != "" && *i.IndexName == index {
			schema = i.KeySchema
		}
	}
	for _, key := range schema {
		if key.KeyType == types.KeyTypeHash {
			return *key.AttributeName
		}
	}
	return ""
}
