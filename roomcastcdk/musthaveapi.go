package roomcastcdk

import (
	"fmt"

	"github.com/aws/jsii-runtime-go"
)

// mustHaveApi fails the synthesis of a part that no ChatApi uses: its function
// would lack its environment.
type mustHaveApi struct {
	part string // the construct
	prop string // the prop of a ChatApi that takes it
	api  **ChatApi
}

// Validate returns what is wrong. CDK calls it before synthesis.
func (v *mustHaveApi) Validate() *[]*string {
	if *v.api != nil {
		return &[]*string{}
	}
	return jsii.Strings(fmt.Sprintf("no ChatApi uses this %s: pass it to one as %s, or remove it", v.part, v.prop))
}

// noteSynthesis notes that the app of a ChatApi is being synthesized: CDK validates
// constructs after everything was added.
type noteSynthesis struct{ api *ChatApi }

// Validate finds nothing wrong.
func (n *noteSynthesis) Validate() *[]*string {
	n.api.synthesized = true
	return &[]*string{}
}

// mustNotBeSynthesized refuses changes that would not get into the template.
func (c *ChatApi) mustNotBeSynthesized(s subject) {
	if c.synthesized {
		s.fail("the app has been synthesized, so this would not be part of it: call it before app.Synth")
	}
}
