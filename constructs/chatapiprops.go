package constructs

import (
	"regexp"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"
)

// ChatApiProps configures a ChatApi.
type ChatApiProps struct {
	// Auth says who may connect. Required, so that an API that is open to
	// everybody is never made by leaving something out.
	Auth Auth

	// ConnectionTable holds who is connected.
	// Default: the one of Broadcast, or else a new one is created.
	ConnectionTable *ConnectionTable

	// MessageTable holds the rooms' logs.
	// Default: a new one is created.
	MessageTable *MessageTable

	// Broadcast delivers to large rooms. It has to use the same connection
	// table and can serve one ChatApi only.
	// Default: a new one is created.
	Broadcast *BroadcastFunction

	// StageName is the last part of the API's URL: 1 to 128 letters, digits,
	// hyphens and underscores.
	// Default: "prod".
	StageName *string

	// DirectLimit is the number of members, from 1 to 1000, up to which a
	// room's message is posted by the sender's own function, which is fastest;
	// a larger room goes through the queue of Broadcast.
	// Default: 100.
	DirectLimit *float64

	// LogRetention is how long the logs of the functions made here are kept.
	// Default: one month.
	LogRetention awslogs.RetentionDays

	// Code is a folder asset with Roomcast's program, the file bootstrap, for a
	// project that cannot build it, such as one that vendors its modules.
	// Default: it is compiled from this module's source.
	Code awslambda.Code
}

func (p *ChatApiProps) withDefaults() ChatApiProps {
	var d ChatApiProps
	if p != nil {
		d = *p
	}
	d.StageName = orDefault(d.StageName, jsii.String("prod"))
	d.DirectLimit = orDefault(d.DirectLimit, jsii.Number(100))
	d.LogRetention = orDefault(d.LogRetention, awslogs.RetentionDays_ONE_MONTH)
	return d
}

var stageName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,128}$`)

func (p ChatApiProps) mustBeValid(s subject) {
	if p.Auth == nil {
		s.fail("Auth is missing: say who may connect, such as constructs.OpenAuth() for anybody, during development")
	}
	if !*awscdk.Token_IsUnresolved(*p.StageName) && !stageName.MatchString(*p.StageName) {
		s.fail("StageName must be 1 to 128 letters, digits, hyphens or underscores, got %q", *p.StageName)
	}
	s.whole("DirectLimit", p.DirectLimit, 1, 1000)
	if p.Broadcast == nil {
		return
	}
	if p.ConnectionTable != nil && p.ConnectionTable != p.Broadcast.ConnectionTable {
		s.fail("ConnectionTable is not the one of Broadcast, so a large room would miss its messages: pass the same table to both")
	}
	if other := p.Broadcast.api; other != nil {
		s.fail("Broadcast already delivers for the ChatApi %q: give each ChatApi its own", *other.Node().Path())
	}
}
