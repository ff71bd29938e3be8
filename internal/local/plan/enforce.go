package plan

import (
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/roomcast/roomcast/internal/local/access"
)

// Enforceable refuses a plan whose policies cannot be enforced, and one with
// which AWS would refuse to make an event source mapping.
func (p *Plan) Enforceable() error {
	refused := slices.Clone(p.lawless)
	for _, s := range p.Sources {
		refused = append(refused, s.checkRole())
	}
	return errors.Join(refused...)
}

// checkRole asks, as Lambda does when a mapping is made, whether the function's
// role may do what polling takes.
func (s *EventSource) checkRole() error {
	for _, action := range []string{"ReceiveMessage", "DeleteMessage", "GetQueueAttributes"} {
		if !s.Function.may("sqs:"+action, s.Queue.ARN()) {
			return fmt.Errorf("%s: The function execution role does not have permissions to call %s on SQS: grant the role of %s sqs:%s on %s",
				s, action, s.Function.Label, action, s.Queue.ARN())
		}
	}
	return nil
}

// may asks the function's role, outside any request.
func (f *Function) may(action, resource string) bool {
	return access.Permits(f.Principal(), Account, Region, action, resource)
}

// MayLog says whether the function's role may write to its log group, and make
// it when the app does not define it. On AWS nobody is told that it may not:
// the lines just do not appear.
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

// PolicyNotes returns a line for each thing in the policies that is not evaluated
// as AWS would.
func (p *Plan) PolicyNotes() []string {
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

// PartitionKey is the attribute that is the partition key of a table, or of
// one of its indexes; "" if there is none such.
func (p *Plan) PartitionKey(table, index string) string {
	for _, t := range p.Tables {
		if t.Name == table {
			return t.partitionKey(index)
		}
	}
	return ""
}

// SortKey names the sort key of a table, "" if it has none.
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
