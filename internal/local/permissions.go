package local

import "strings"

// permission lets somebody call a function.
type permission struct {
	*resource
	properties permissionProperties
}

type permissionProperties struct {
	Action        string
	FunctionName  string
	Principal     string
	SourceAccount string
	SourceArn     string
}

func (p *plan) addPermission(r *resource, values map[string]any) ([]string, error) {
	e := &permission{resource: r}
	ignored, err := decode(values, &e.properties)
	if err != nil {
		return nil, err
	}
	id := physicalName(r.stack.Name, r.logicalID, 100)
	r.refer(id, "")
	r.attributes["Id"] = id
	p.permissions = append(p.permissions, e)
	return ignored, nil
}

// mayInvoke says whether API Gateway may call the function for a route of a
// stage. A stack can lack the permission and still deploy: then every message
// on the route ends in an error.
func (p *plan) mayInvoke(f *function, a *api, stage, routeKey string) bool {
	source := arn("execute-api", a.id+"/"+stage+"/"+routeKey)
	for _, e := range p.permissions {
		if p.functionByName(e.properties.FunctionName) == f && e.allows(source) {
			return true
		}
	}
	return false
}

func (e *permission) allows(source string) bool {
	given := e.properties
	return (given.Action == "lambda:InvokeFunction" || given.Action == "lambda:*") &&
		(given.Principal == "apigateway."+urlSuffix || given.Principal == "*") &&
		(given.SourceAccount == "" || given.SourceAccount == account) &&
		(given.SourceArn == "" || arnLike(given.SourceArn, source))
}

// arnLike compares an ARN with a pattern as IAM's ArnLike does: each of the
// six parts for itself, "*" and "?" being wildcards.
func arnLike(pattern, arn string) bool {
	patterns, parts := strings.SplitN(pattern, ":", 6), strings.SplitN(arn, ":", 6)
	if len(patterns) != len(parts) {
		return false
	}
	for i := range parts {
		if !glob(patterns[i], parts[i]) {
			return false
		}
	}
	return true
}

// glob matches a whole text; "*" stands for any number of characters, "?" for
// one.
func glob(pattern, text string) bool {
	star, mark := -1, 0 // the last "*" seen, and where in text it began
	p, t := 0, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, t
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == text[t]):
			p++
			t++
		case star >= 0:
			mark++ // let the last "*" swallow one character more
			p, t = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
