package constructs

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
