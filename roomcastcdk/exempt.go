package roomcastcdk

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// exemption is a rule of cdk-nag that a resource breaks, and why it may.
type exemption struct {
	rule   string
	reason string // Latin letters only, which cdk-nag reads as they are
	// findings is a regular expression of the only findings it covers, where
	// the rule has several for a resource.
	findings string
}

// exempt adds an exemption to the metadata of the resource that a construct makes,
// where cdk-nag looks for it. Readers of the template see the reason too, and apps
// without cdk-nag need nothing.
func exempt(of constructs.IConstruct, e exemption) {
	resource, ok := of.Node().DefaultChild().(awscdk.CfnResource)
	if !ok {
		return // a resource of another stack
	}
	suppressed := map[string]any{"id": e.rule, "reason": e.reason}
	if e.findings != "" {
		suppressed["applies_to"] = []any{map[string]any{"regex": "/" + e.findings + "/"}}
	}
	const key, rules = "cdk_nag", "rules_to_suppress"
	var all []any
	if before, ok := resource.GetMetadata(jsii.String(key)).(map[string]any); ok {
		all, _ = before[rules].([]any)
	}
	for _, other := range all {
		if other, ok := other.(map[string]any); ok && other["id"] == e.rule && other["reason"] == e.reason {
			return // granted twice
		}
	}
	resource.AddMetadata(jsii.String(key), map[string]any{rules: append(all, suppressed)})
}
