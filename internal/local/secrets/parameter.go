package secrets

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The types of parameters. SecureString is not emulated.
const (
	String     = "String"
	StringList = "StringList"
)

// Parameter is a parameter that a template defines.
type Parameter struct {
	// Name is the parameter's name. Type is String or StringList. Required.
	Name, Type string
	// DataType is the type of Value. Default: "text".
	DataType string
	// Value is the first version's value. Items of a StringList are separated by
	// commas.
	Value string
}

// parameter is a parameter with its versions. The last one is current.
type parameter struct {
	Parameter
	arn      string
	versions []parameterVersion
}

type parameterVersion struct {
	value    string
	dataType string
	modified time.Time
}

// AddParameter adds a parameter and returns its ARN. It fails if the name is taken,
// or if the name or type is invalid.
func (st *Store) AddParameter(p Parameter) (arn string, err error) {
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.parameter(p.Name) != nil {
		return "", fmt.Errorf("duplicate parameter name %s: rename one of the two parameters", p.Name)
	}
	if failed := p.check(); failed != nil {
		return "", fmt.Errorf("the parameter %s: %s", p.Name, failed.message)
	}
	return st.add(p).arn, nil
}

func (st *Store) add(p Parameter) *parameter {
	made := &parameter{Parameter: p, arn: st.parameterARN(p.Name)}
	made.set(p.Value, p.DataType, st.config.Now())
	st.parameters = append(st.parameters, made)
	return made
}

// set adds a version. The default data type is text.
func (p *parameter) set(value, dataType string, now time.Time) {
	if dataType == "" {
		dataType = "text"
	}
	p.versions = append(p.versions, parameterVersion{value, dataType, now})
}

// ParameterValue returns the value of a parameter by name or ARN, optionally with a
// version ("name:3"). It reports false if there is no such parameter or version.
func (st *Store) ParameterValue(name string) (value string, ok bool) {
	st.mu.Lock()
	defer st.mu.Unlock()
	name, selector := SplitSelector(name)
	p := st.parameter(name)
	if p == nil {
		return "", false
	}
	n, failed := p.version(selector)
	if failed != nil {
		return "", false
	}
	return p.versions[n-1].value, true
}

// ParameterARN returns the ARN of a parameter, or of a path of parameters. The name
// may be an ARN, and need not exist.
func (st *Store) ParameterARN(name string) string {
	if strings.HasPrefix(name, "arn:") {
		return name
	}
	return st.parameterARN(name)
}

func (st *Store) parameterARN(name string) string {
	return st.arn(SSM, "parameter/"+strings.TrimPrefix(name, "/"))
}

// SplitSelector splits the version or label off a name or ARN such as "name:3".
func SplitSelector(name string) (bare, selector string) {
	parts := 1
	if strings.HasPrefix(name, "arn:") {
		parts = 6
	}
	all := strings.SplitAfterN(name, ":", parts+1)
	if len(all) <= parts {
		return name, ""
	}
	return strings.TrimSuffix(strings.Join(all[:parts], ""), ":"), all[parts]
}

// parameter finds a parameter by its name or ARN.
func (st *Store) parameter(name string) *parameter {
	i := slices.IndexFunc(st.parameters, func(p *parameter) bool { return name == p.Name || name == p.arn })
	if i < 0 {
		return nil
	}
	return st.parameters[i]
}

// version returns the version number of a selector. "" is the last version.
func (p *parameter) version(selector string) (int, *failure) {
	if selector == "" {
		return len(p.versions), nil
	}
	n, err := strconv.Atoi(selector)
	if err != nil { // a label; nothing can set labels here
		return 0, refused("ParameterVersionNotFound", fmt.Sprintf("Systems Manager could not find version label %s of %s. Verify the version label and try again.", selector, p.Name))
	}
	if n < 1 || n > len(p.versions) {
		return 0, refused("ParameterVersionNotFound", fmt.Sprintf("Systems Manager could not find version %d of %s. Verify the version and try again.", n, p.Name))
	}
	return n, nil
}
