package frontdoor

import (
	"encoding/json"
	"regexp"
	"strings"
)

// partiQL finds in a PartiQL statement what comes before the table, which
// begins with the verb, the table and the index.
var partiQL = regexp.MustCompile(`(?is)^\s*(select\b.*?\bfrom|insert\s+into|update|delete\s+from)\b\s*"?([\w.-]+)"?(?:\."([\w.-]+)")?`)

// verbLength is how many letters each of PartiQL's verbs has.
const verbLength = len("select")

// describeStatements is for the PartiQL operations: each statement takes the
// permission of its verb on its table.
func (f *FrontDoor) describeStatements(c *call) {
	type statement struct{ Statement string }
	var d struct {
		Statement          string
		Statements         []statement
		TransactStatements []statement
	}
	_ = json.Unmarshal(c.body, &d) // what can be read is
	for _, s := range append(append(d.Statements, d.TransactStatements...), statement{d.Statement}) {
		parts := partiQL.FindStringSubmatch(s.Statement)
		if parts == nil {
			continue
		}
		verb := strings.ToUpper(parts[1][:1]) + strings.ToLower(parts[1][1:verbLength])
		resource := f.arn("dynamodb", "table/"+parts[2])
		if parts[3] != "" {
			resource += "/index/" + parts[3]
		}
		c.resources = append(c.resources, parts[2])
		c.needs = append(c.needs, need{action: "dynamodb:PartiQL" + verb, resource: resource})
	}
}
