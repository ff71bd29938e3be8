package iam

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
)

// managed holds those policies of AWS's own that roles of functions commonly
// have, by the end of their ARN. Statements on services that do not run
// locally are left out of the long ones.
//
//go:embed managed.json
var managed []byte

var managedPolicies = sync.OnceValue(func() map[string]*Policy {
	var documents map[string]json.RawMessage
	if err := json.Unmarshal(managed, &documents); err != nil {
		panic(err) // part of the program
	}
	policies := map[string]*Policy{}
	for name, document := range documents {
		p, err := Parse(document)
		if err != nil {
			panic(fmt.Errorf("%s: %w", name, err)) // likewise
		}
		policies[name] = p
	}
	return policies
})

// Managed returns the policy that AWS itself keeps under an ARN such as
// arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole; nil if it
// is not known here.
func Managed(arn string) *Policy {
	_, name, ok := strings.Cut(arn, ":iam::aws:policy/")
	if !ok {
		return nil
	}
	return managedPolicies()[name]
}
