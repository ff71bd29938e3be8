package plan

import (
	"regexp"
	"strings"

	"github.com/roomcast/roomcast/internal/local/assembly"
)

// environment is the account and the Region for which a stack was written, each ""
// if the app does not set it. CDK writes known values into the template instead of
// the pseudo parameters. They are replaced by those of the local cloud.
type environment struct{ account, region string }

func environmentOf(s *assembly.Stack) environment { return environment{s.Account, s.Region} }

// arnFront matches an ARN up to the account: partition, service, Region, account.
var arnFront = regexp.MustCompile(`arn:aws[a-z-]*:([a-z0-9*-]+):([a-z0-9*-]*):([a-z0-9*]*)`)

// localize replaces the stack's account and Region in a resolved value: in ARNs, in
// queue URLs, and in strings that consist of them alone. Names that contain them
// stay unchanged.
func (e environment) localize(value any) any {
	if e == (environment{}) {
		return value
	}
	moved, _ := eachText(value, func(text string) (string, error) { return e.localizeText(text), nil })
	return moved
}

func (e environment) localizeText(text string) string {
	if e.account != "" && e.region != "" {
		text = strings.ReplaceAll(text, "https://sqs."+e.region+"."+urlSuffix+"/"+e.account+"/", QueueURLPrefix)
	}
	text = arnFront.ReplaceAllStringFunc(text, func(front string) string {
		parts := arnFront.FindStringSubmatch(front)
		return strings.Join([]string{"arn", partition, parts[1], e.place(parts[2]), e.place(parts[3])}, ":")
	})
	return e.place(text)
}

// place replaces the environment's account or Region by the local one. It returns
// any other name unchanged.
func (e environment) place(name string) string {
	switch {
	case name == "":
		return ""
	case name == e.account:
		return Account
	case name == e.region:
		return Region
	}
	return name
}
