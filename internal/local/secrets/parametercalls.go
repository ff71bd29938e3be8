package secrets

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// pageSize is the maximum number of parameters in an answer.
const pageSize = 10

// shown is a version of a parameter in an answer.
type shown struct {
	Name, Type, Value string
	Version           int
	Selector          string `json:",omitempty"`
	LastModifiedDate  float64
	ARN, DataType     string
}

// show returns the version of a parameter that a call names.
func (st *Store) show(given string) (shown, *failure) {
	name, selector := SplitSelector(given)
	p := st.parameter(name)
	if p == nil {
		return shown{}, refused("ParameterNotFound", "")
	}
	n, failed := p.version(selector)
	if failed != nil {
		return shown{}, failed
	}
	if selector != "" {
		selector = ":" + selector
	}
	found := p.versions[n-1]
	return shown{p.Name, p.Type, found.value, n, selector, seconds(found.modified), p.arn, found.dataType}, nil
}

func (st *Store) getParameter(in struct{ Name string }) (any, *failure) {
	found, failed := st.show(in.Name)
	if failed != nil {
		return nil, failed
	}
	return map[string]shown{"Parameter": found}, nil
}

func (st *Store) getParameters(in struct{ Names []string }) (any, *failure) {
	if len(in.Names) < 1 || len(in.Names) > pageSize {
		return nil, invalid(fmt.Sprintf("1 validation error detected: Value at 'names' failed to satisfy constraint: Member must have length between 1 and %d", pageSize))
	}
	out := struct {
		Parameters        []shown
		InvalidParameters []string
	}{[]shown{}, []string{}}
	for _, name := range in.Names {
		if found, failed := st.show(name); failed == nil {
			out.Parameters = append(out.Parameters, found)
		} else {
			out.InvalidParameters = append(out.InvalidParameters, name)
		}
	}
	return out, nil
}

// byPathRequest requests the parameters below a path, page by page.
type byPathRequest struct {
	Path             string
	Recursive        bool
	MaxResults       *int
	NextToken        string
	ParameterFilters []any
}

func (st *Store) getParametersByPath(in byPathRequest) (any, *failure) {
	most := pageSize
	if in.MaxResults != nil {
		most = *in.MaxResults
	}
	after, err := base64.RawURLEncoding.DecodeString(in.NextToken)
	switch {
	case !strings.HasPrefix(in.Path, "/"):
		return nil, invalid("The parameter path must begin with \"/\".")
	case most < 1 || most > pageSize:
		return nil, invalid(fmt.Sprintf("1 validation error detected: Value at 'maxResults' failed to satisfy constraint: Member must have value between 1 and %d", pageSize))
	case err != nil:
		return nil, refused("InvalidNextToken", "The specified token isn't valid.")
	case len(in.ParameterFilters) > 0:
		return nil, notEmulated("ParameterFilters of GetParametersByPath")
	}
	var below []*parameter
	for _, p := range st.parameters {
		if p.Name > string(after) && p.isBelow(in.Path, in.Recursive) {
			below = append(below, p)
		}
	}
	slices.SortFunc(below, func(a, b *parameter) int { return cmp.Compare(a.Name, b.Name) })
	out := struct {
		Parameters []shown
		NextToken  string `json:",omitempty"`
	}{Parameters: []shown{}}
	if len(below) > most {
		below = below[:most]
		out.NextToken = base64.RawURLEncoding.EncodeToString([]byte(below[most-1].Name))
	}
	for _, p := range below {
		found, _ := st.show(p.Name) // it exists
		out.Parameters = append(out.Parameters, found)
	}
	return out, nil
}

// isBelow reports whether the parameter is directly in a path, or below it if
// recursive.
func (p *parameter) isBelow(path string, recursive bool) bool {
	name := "/" + strings.TrimPrefix(p.Name, "/")
	rest, below := strings.CutPrefix(name, strings.TrimSuffix(path, "/")+"/")
	return below && (recursive || !strings.Contains(rest, "/"))
}

// putRequest creates a parameter or a new version.
type putRequest struct {
	Name, Value, Type, DataType, Tier string
	Overwrite                         bool
	AllowedPattern, Policies          string
}

func (st *Store) putParameter(in putRequest) (any, *failure) {
	p := st.parameter(in.Name)
	if in.Type == "" && p != nil {
		in.Type = p.Type
	}
	made := Parameter{Name: in.Name, Type: in.Type, DataType: in.DataType, Value: in.Value}
	failed := made.check()
	switch {
	case in.AllowedPattern != "" || in.Policies != "":
		failed = notEmulated("AllowedPattern and Policies of PutParameter")
	case failed != nil:
	case p != nil && !in.Overwrite:
		failed = refused("ParameterAlreadyExists", "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.")
	case p != nil && in.Type != p.Type:
		failed = refused("HierarchyTypeMismatch", "Parameter Store doesn't support changing a parameter type. Create a new, unique parameter.")
	}
	if failed != nil {
		return nil, failed
	}
	if p == nil {
		p = st.add(made)
	} else {
		p.set(in.Value, in.DataType, st.config.Now())
	}
	return struct {
		Version int
		Tier    string
	}{len(p.versions), cmp.Or(in.Tier, "Standard")}, nil
}

// nameable matches names of parameters.
var nameable = regexp.MustCompile(`^[a-zA-Z0-9_.\-/]+$`)

// check refuses invalid parameters.
func (p *Parameter) check() *failure {
	switch {
	case !nameable.MatchString(p.Name):
		return invalid("Parameter name: only a mix of letters, numbers and the following 3 symbols .-_ are allowed, and / in a path.")
	case strings.Contains(p.Name, "/") && !strings.HasPrefix(p.Name, "/"):
		return invalid("Parameter name must be a fully qualified name.")
	case p.Value == "":
		return invalid("1 validation error detected: Value at 'value' failed to satisfy constraint: Member must have length greater than or equal to 1")
	case p.Type == "SecureString":
		return notEmulated("SecureString parameters")
	case p.Type != String && p.Type != StringList:
		return invalid("A parameter type is required when you create a parameter: String or StringList.")
	}
	return nil
}

func notEmulated(what string) *failure {
	return &failure{http.StatusNotImplemented, "NotImplemented", "the local cloud does not emulate " + what}
}
