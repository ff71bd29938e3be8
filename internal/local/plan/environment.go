package plan

import (
	"regexp"
	"strings"

	"github.com/roomcast/roomcast/internal/local/assembly"
)

// environment is the account and the region for which a stack was written,
// each "" where the app leaves it open. CDK writes what it knows into the
// template in place of the pseudo parameters, and there it has to give way to
// the account and region of the local cloud.
type environment struct{ account, region string }

func environmentOf(s *assembly.Stack) environment { return environment{s.Account, s.Region} }

// arnFront is an ARN up to the account: partition, service, region, account.
var arnFront = regexp.MustCompile(`arn:aws[a-z-]*:([a-z0-9*-]+):([a-z0-9*-]*):([a-z0-9*]*)`)

// localize moves a resolved value here: ARNs and URLs of queues in its texts,
// and texts that are the account or the region and nothing else. Names that
// hold them stay as they are, wherever they stand.
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

// place is where the local cloud is, for an account or a region of the
// environment; anything else stays.
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
