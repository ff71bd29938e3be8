package roomcastcdk

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/jsii-runtime-go"
	"github.com/roomcast/roomcast/internal/settings"
)

// ChatLimits bounds what clients of a [ChatApi] may do. Every limit is a whole
// number. Costs are in DynamoDB request units.
type ChatLimits struct {
	// MessageRate is how many messages and notifications a user may send in a
	// second over all connections, up to 1000; 0 is no limit. A notification
	// counts once for each user that it names, and both count once more for each
	// 4 KiB. Frames above the rate get the error rate_limited, which says when to
	// retry.
	// Cost: 1 write unit a frame; up to 2 for users who send all the time.
	// Default: 10.
	MessageRate *float64

	// MessageBurst is how many messages and notifications a user may send at once
	// after a pause, from 2 to 2000. A single frame that counts for more is accepted after such a
	// pause; the next one then waits until the rate allows it.
	// Cost: none.
	// Default: 20.
	MessageBurst *float64

	// FrameRate is how many frames a second a function accepts from a connection,
	// without cursor moves, up to 10000; 0 is no limit. The burst is twice that.
	// Each running instance of a function counts for itself.
	// Cost: none, also for frames that are refused.
	// Default: 100.
	FrameRate *float64

	// CursorRate is how many cursor moves a second a function accepts from a
	// connection, up to 10000; 0 is no limit.
	// Cost: none.
	// Default: 30.
	CursorRate *float64

	// CursorMembers is the largest room, in members, in which cursors move, up to
	// 100000; 0 is no limit. In a larger room the first move gets the error
	// limit_reached. Each move is posted to every member, so cursors of large rooms
	// use up the API's quota of requests.
	// Cost: none.
	// Default: 500.
	CursorMembers *float64

	// CursorPosts is how many posts a second cursor moves may cause in all rooms of
	// up to DirectLimit members together, up to 100000; 0 is no limit. Moves above
	// it are dropped. Larger rooms go through a queue that posts about 1,600 a
	// second. Both share the account's quota with messages: 10,000 a second in most
	// Regions.
	// https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
	// Cost: 1 or 2 write units a move, and $1 for a million posts: at the default
	// $7.20 for an hour in which cursors move all the time.
	// Default: 2000.
	CursorPosts *float64

	// ConnectionsPerIp is how many connections an IPv4 address or an IPv6 /64 may
	// have, up to 10000; 0 is no limit. All people behind one router share it. A
	// connection that was lost without $disconnect counts until two hours and five
	// minutes after it was opened.
	// Cost: 1 write unit to connect and 1 to disconnect; near the limit also a read
	// of the address's connections, 1 unit for about 40 of them.
	// Default: 1000.
	ConnectionsPerIp *float64

	// ConnectionsPerUser is how many connections a user may have, up to 10000; 0 is
	// no limit.
	// Cost: as for ConnectionsPerIp.
	// Default: 100.
	ConnectionsPerUser *float64

	// RoomsPerConnection is how many rooms a connection may be in, from 1 to 500.
	// Their names together may take 80 bytes for each of them. The connection's
	// item lists them: most frames read it, and joins and leaves write it.
	// Cost: 1 read unit for 4 KB of the item, about 40 rooms with short names, and
	// 1 write unit for each KB.
	// Default: 100.
	RoomsPerConnection *float64

	// MembersPerRoom is how many members a room may have, up to 100000; 0 is no
	// limit.
	// Cost: with a limit 1 write unit to join and 1 to leave; near the limit also a
	// read of about 25 units for each thousand members. A thousand members share a
	// partition of the table, which accepts 1,000 writes a second.
	// Default: 0.
	MembersPerRoom *float64

	// MaxMessageBytes is the size of a message (UTF-8) or a notification (JSON), in
	// bytes, from 1 to 16384.
	// Cost: none; a message costs 1 write unit a KB.
	// Default: 16384.
	MaxMessageBytes *float64

	// NotifyUsers is how many users one notification may name, from 1 to 100.
	// Cost: none; a notification costs 2 write units a user, and 1 more a KB.
	// Default: 100.
	NotifyUsers *float64

	// ThrottleRate is how many frames and handshakes a second API Gateway accepts
	// for the whole stage, from 1 to 1000000, on a best-effort basis. Above it
	// clients are refused before a function runs.
	// https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-api-protect.html
	// Cost: none.
	// Default: the account's quota.
	ThrottleRate *float64

	// ThrottleBurst is how many frames and handshakes API Gateway accepts at once, from
	// 1 to 1000000.
	// Cost: none.
	// Default: the account's quota.
	ThrottleBurst *float64
}

func (l *ChatLimits) withDefaults() ChatLimits {
	var d ChatLimits
	if l != nil {
		d = *l
	}
	d.MessageRate = orDefault(d.MessageRate, jsii.Number(10))
	d.MessageBurst = orDefault(d.MessageBurst, jsii.Number(20))
	d.FrameRate = orDefault(d.FrameRate, jsii.Number(100))
	d.CursorRate = orDefault(d.CursorRate, jsii.Number(30))
	d.CursorMembers = orDefault(d.CursorMembers, jsii.Number(500))
	d.CursorPosts = orDefault(d.CursorPosts, jsii.Number(2000))
	d.ConnectionsPerIp = orDefault(d.ConnectionsPerIp, jsii.Number(1000))
	d.ConnectionsPerUser = orDefault(d.ConnectionsPerUser, jsii.Number(100))
	d.RoomsPerConnection = orDefault(d.RoomsPerConnection, jsii.Number(100))
	d.MembersPerRoom = orDefault(d.MembersPerRoom, jsii.Number(0))
	d.MaxMessageBytes = orDefault(d.MaxMessageBytes, jsii.Number(16384))
	d.NotifyUsers = orDefault(d.NotifyUsers, jsii.Number(100))
	return d
}

// env returns the limits as environment variables.
func (l ChatLimits) env() map[string]*string {
	env := map[string]*string{}
	for name, value := range map[string]*float64{
		settings.MessageRate:        l.MessageRate,
		settings.MessageBurst:       l.MessageBurst,
		settings.FrameRate:          l.FrameRate,
		settings.CursorRate:         l.CursorRate,
		settings.CursorMembers:      l.CursorMembers,
		settings.CursorPosts:        l.CursorPosts,
		settings.ConnectionsPerIP:   l.ConnectionsPerIp,
		settings.ConnectionsPerUser: l.ConnectionsPerUser,
		settings.RoomsPerConnection: l.RoomsPerConnection,
		settings.MembersPerRoom:     l.MembersPerRoom,
		settings.MaxMessageBytes:    l.MaxMessageBytes,
		settings.NotifyUsers:        l.NotifyUsers,
	} {
		env[name] = awscdk.Tokenization_StringifyNumber(value)
	}
	return env
}

func (l ChatLimits) mustBeValid(s subject) {
	for _, limit := range []struct {
		prop      string
		value     *float64
		low, high float64
	}{
		{"MessageRate", l.MessageRate, 0, 1000},
		{"MessageBurst", l.MessageBurst, 2, 2000},
		{"FrameRate", l.FrameRate, 0, 10_000},
		{"CursorRate", l.CursorRate, 0, 10_000},
		{"CursorMembers", l.CursorMembers, 0, 100_000},
		{"CursorPosts", l.CursorPosts, 0, 100_000},
		{"ConnectionsPerIp", l.ConnectionsPerIp, 0, 10_000},
		{"ConnectionsPerUser", l.ConnectionsPerUser, 0, 10_000},
		{"RoomsPerConnection", l.RoomsPerConnection, 1, 500},
		{"MembersPerRoom", l.MembersPerRoom, 0, 100_000},
		{"MaxMessageBytes", l.MaxMessageBytes, 1, 16384},
		{"NotifyUsers", l.NotifyUsers, 1, 100},
		{"ThrottleRate", l.ThrottleRate, 1, 1_000_000},
		{"ThrottleBurst", l.ThrottleBurst, 1, 1_000_000},
	} {
		s.whole("Limits."+limit.prop, limit.value, limit.low, limit.high)
	}
}

// throttle returns the throttling of the stage; nil leaves it to the account.
func (l ChatLimits) throttle() *awsapigatewayv2.ThrottleSettings {
	if l.ThrottleRate == nil && l.ThrottleBurst == nil {
		return nil
	}
	return &awsapigatewayv2.ThrottleSettings{RateLimit: l.ThrottleRate, BurstLimit: l.ThrottleBurst}
}
