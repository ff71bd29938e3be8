package roomcastcdk

import (
	"fmt"

	"github.com/aws/jsii-runtime-go"
)

// mustHaveApi fails the synthesis of a part that no ChatApi uses: its function
// would not know what it works for.
type mustHaveApi struct {
	part string // the construct
	prop string // the prop of a ChatApi that takes it
	api  **ChatApi
}

// Validate returns what is wrong, as CDK asks for before it synthesizes.
func (v *mustHaveApi) Validate() *[]*string {
	if *v.api != nil {
		return &[]*string{}
	}
	return jsii.Strings(fmt.Sprintf("no ChatApi uses this %s: pass it to one as %s, or remove it", v.part, v.prop))
}

// noteSynthesis tells a ChatApi that its app is being synthesized: CDK asks for
// what is wrong with a construct after everything has been added.
type noteSynthesis struct{ api *ChatApi }

// Validate finds nothing wrong.
func (n *noteSynthesis) Validate() *[]*string {
	n.api.synthesized = true
	return &[]*string{}
}

// mustNotBeSynthesized refuses what would never get into the template.
func (c *ChatApi) mustNotBeSynthesized(s subject) {
	if c.synthesized {
		s.fail("the app has been synthesized, so this would not be part of it: call it before app.Synth")
	}
}
