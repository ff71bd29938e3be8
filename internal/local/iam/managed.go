package iam

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
)

// managed has AWS managed policies that functions' roles commonly have, by the end
// of their ARN. Statements about services that do not run locally are left out of
// the long ones.
//
//go:embed managed.json
var managed []byte

var managedPolicies = sync.OnceValue(func() map[string]*Policy {
	var documents map[string]json.RawMessage
	if err := json.Unmarshal(managed, &documents); err != nil {
		panic(err) // embedded
	}
	policies := map[string]*Policy{}
	for name, document := range documents {
		p, err := Parse(document)
		if err != nil {
			panic(fmt.Errorf("%s: %w", name, err)) // embedded
		}
		policies[name] = p
	}
	return policies
})

// Managed returns the AWS managed policy with an ARN such as
// arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole, or nil if it is
// unknown here.
func Managed(arn string) *Policy {
	_, name, ok := strings.Cut(arn, ":iam::aws:policy/")
	if !ok {
		return nil
	}
	return managedPolicies()[name]
}
