package plan

import (
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/roomcast/roomcast/internal/local/access"
)

// Enforceable returns an error if the policies cannot be enforced, or if AWS would
// refuse to create an event source mapping.
func (p *Plan) Enforceable() error {
	refused := slices.Clone(p.unenforceable)
	for _, s := range p.Sources {
		refused = append(refused, s.checkRole())
	}
	return errors.Join(refused...)
}

// checkRole checks, as Lambda does when it creates a mapping, that the function's
// role has the permissions for polling.
func (s *EventSource) checkRole() error {
	for _, action := range []string{"ReceiveMessage", "DeleteMessage", "GetQueueAttributes"} {
		if !s.Function.may("sqs:"+action, s.Queue.ARN()) {
			return fmt.Errorf("%s: The function execution role does not have permissions to call %s on SQS: grant the role of %s sqs:%s on %s",
				s, action, s.Function.Label, action, s.Queue.ARN())
		}
	}
	return nil
}

// may evaluates the policies of the function's role, outside any request.
func (f *Function) may(action, resource string) bool {
	return access.Permits(f.Principal(), Account, Region, action, resource)
}

// MayLog reports whether the function's role may write to its log group, and create
// the group if the app does not define it. On AWS the log lines are lost without an
// error.
func (p *Plan) MayLog(f *Function) bool {
	group := f.Logging.Group
	if group == "" {
		group = "/aws/lambda/" + f.Name
	}
	if !slices.Contains(p.logGroups, group) && !f.may("logs:CreateLogGroup", ARN("logs", "log-group:"+group+":*")) {
		return false
	}
	stream := ARN("logs", "log-group:"+group+":log-stream:local")
	return f.may("logs:CreateLogStream", stream) && f.may("logs:PutLogEvents", stream)
}

// PolicyNotes returns a line for each part of the policies that is not evaluated as
// on AWS.
func (p *Plan) PolicyNotes() []string {
	var notes []string
	for _, r := range p.roles {
		for _, policy := range r.Policies {
			for _, operator := range policy.Unknown() {
				notes = append(notes, fmt.Sprintf("not evaluated: the condition operator %s in the policies of %s; it counts against the caller", operator, r))
			}
			for _, key := range policy.ConditionKeys() {
				if !slices.Contains(knownKeys(), key) {
					notes = append(notes, fmt.Sprintf("not evaluated: the condition key %s in the policies of %s; it is treated as absent", key, r))
				}
			}
		}
	}
	slices.Sort(notes)
	return slices.Compact(notes)
}

// knownKeys are the condition keys for which requests have values.
func knownKeys() []string {
	return append(access.ContextKeys(),
		"dynamodb:leadingkeys", "dynamodb:select", "dynamodb:enclosingoperation",
		"secretsmanager:secretid", "secretsmanager:versionid", "secretsmanager:versionstage",
		"ssm:overwrite", "ssm:recursive")
}

// PartitionKey returns the partition key attribute of a table, or of an index
// unless index is "". The default is "".
func (p *Plan) PartitionKey(table, index string) string {
	for _, t := range p.Tables {
		if t.Name == table {
			return t.partitionKey(index)
		}
	}
	return ""
}

// SortKey returns the sort key attribute of a table, or "".
func (p *Plan) SortKey(table string) string {
	for _, t := range p.Tables {
		for _, key := range t.Properties.KeySchema {
			if t.Name == table && key.KeyType == types.KeyTypeRange {
				return *key.AttributeName
			}
		}
	}
	return ""
}

func (t *Table) partitionKey(index string) string {
	schema := t.Properties.KeySchema
	for _, i := range t.Properties.GlobalSecondaryIndexes {
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
