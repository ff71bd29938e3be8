package roomcastcdk

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
)

// needs records that the stack of this ChatApi refers to a construct, possibly of
// another stack.
func (c *ChatApi) needs(s subject, construct constructs.IConstruct) {
	stack, other := c.foreign(construct)
	if !other {
		return
	}
	path := *construct.Node().Path()
	if needer, ok := c.neededBy[stack]; ok {
		c.failCycle(s, path, stack, needer)
	}
	c.needed[stack] = path
}

// isNeededBy records that a construct, possibly of another stack, refers to this
// ChatApi.
func (c *ChatApi) isNeededBy(s subject, construct constructs.IConstruct) {
	stack, other := c.foreign(construct)
	if !other {
		return
	}
	path := *construct.Node().Path()
	if needed, ok := c.needed[stack]; ok {
		c.failCycle(s, needed, stack, path)
	}
	c.neededBy[stack] = path
}

// failCycle refuses two stacks that refer to each other. CDK refuses some of
// them during synthesis, without a remedy, and CloudFormation the others.
func (c *ChatApi) failCycle(s subject, needed, stack, needer string) {
	own := *awscdk.Stack_Of(c).Node().Path()
	s.fail("the stack %q needs %q of the stack %q, and %q there needs the ChatApi %q: two stacks cannot need each other; "+
		"define the function in the stack %q", own, needed, stack, needer, *c.Node().Path(), own)
}

// foreign returns the path of a construct's stack, and whether it differs from the
// stack of the ChatApi. Imported constructs belong to no stack of the app.
func (c *ChatApi) foreign(construct constructs.IConstruct) (string, bool) {
	if !*awscdk.Resource_IsOwnedResource(construct) {
		return "", false
	}
	stack := awscdk.Stack_Of(construct)
	return *stack.Node().Path(), stack != awscdk.Stack_Of(c)
}

// mustShareStack refuses a part of another stack that the ChatApi needs and that
// needs the ChatApi.
func (c *ChatApi) mustShareStack(s subject, prop string, part constructs.IConstruct) {
	own, other := awscdk.Stack_Of(c), awscdk.Stack_Of(part)
	if own != other {
		s.fail("%s uses %q of the stack %q, and each would need the other: define it in the stack of the ChatApi, %q",
			prop, *part.Node().Path(), *other.Node().Path(), *own.Node().Path())
	}
}
