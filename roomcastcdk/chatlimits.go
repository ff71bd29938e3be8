package roomcastcdk

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/jsii-runtime-go"
	"github.com/roomcast/roomcast/internal/settings"
)

// ChatLimits bounds what clients of a [ChatApi] may do. They are a struct of
// their own because they are many and are set together. Each is a whole number;
// what it costs is said in units of DynamoDB.
type ChatLimits struct {
	// MessageRate is how many messages and notifications a second a user may
	// send over all connections, up to 1000; 0 is no limit. A notification counts
	// once for each user that it names. Both count once more for each 4 KiB. A
	// frame above the rate is answered with rate_limited and when to try again.
	// Cost: 1 write unit a frame, 2 from a user who sends all the time through
	// functions that are new, 0 without a limit.
	// Default: 10.
	MessageRate *float64

	// MessageBurst is how many of them a user may send at once after a pause,
	// from 2 to 2000. A single frame that counts for more is taken after such a
	// pause; the next one then waits until the rate has caught up with it.
	// Cost: none.
	// Default: 20.
	MessageBurst *float64

	// FrameRate is how many frames a second of one connection a function takes,
	// cursors apart, up to 10000; 0 is no limit. Twice as many may come at
	// once. Every running instance of a function counts for itself, before it
	// reads anything.
	// Cost: none; what it refuses costs none either.
	// Default: 100.
	FrameRate *float64

	// CursorRate is the same for the moves of cursors, up to 10000; 0 is no
	// limit.
	// Cost: none.
	// Default: 30.
	CursorRate *float64

	// CursorMembers is how many members a room may have in which cursors move,
	// up to 100000; 0 is no limit. In a larger one a move is answered with
	// limit_reached, once. Every move goes to every member, so the moves of
	// large rooms take what API Gateway lets through for messages.
	// Cost: none.
	// Default: 500.
	CursorMembers *float64

	// CursorPosts is how many posts a second the moves of cursors take in all
	// rooms up to DirectLimit together, up to 100000; 0 is no limit. A move above
	// it is not shown. Larger rooms go through a queue that makes some 1,600 a
	// second. The account's quota for both, and for messages, is 10,000.
	// Cost: 1 or 2 write units a move, and $1 for a million posts: at the
	// default $7.20 for an hour in which cursors move all the time.
	// Default: 2000.
	CursorPosts *float64

	// ConnectionsPerIp is how many connections may be open from one IPv4
	// address or one /64 of IPv6, up to 10000; 0 is no limit. People behind one
	// router share it. A connection that was lost without a word counts for
	// two hours and five minutes from when it began; API Gateway ends each
	// after two hours.
	// Cost: 1 write unit to connect and 1 to leave; near the limit also the
	// read of the address's seats, about 1 unit for 40 of them.
	// Default: 1000.
	ConnectionsPerIp *float64

	// ConnectionsPerUser is how many connections a user may have, up to 10000;
	// 0 is no limit.
	// Cost: as for ConnectionsPerIp.
	// Default: 100.
	ConnectionsPerUser *float64

	// RoomsPerConnection is how many rooms a connection may be in, from 1 to
	// 500. Their names may take 80 bytes for each of them, all together. The
	// connection's row lists them. Most frames read that row, and joins and leaves
	// write it too.
	// Cost: 1 read unit for 4 KB of the row, which is about 40 rooms of short
	// names, and 1 write unit for each KB.
	// Default: 100.
	RoomsPerConnection *float64

	// MembersPerRoom is how many members a room may have, up to 100000; 0 is no
	// limit.
	// Cost: with a limit 1 write unit to join and 1 to leave; near it also the
	// read of a thousand seats, about 25 units. A thousand seats share a
	// partition of the table, which takes 1,000 writes a second.
	// Default: 0.
	MembersPerRoom *float64

	// MaxMessageBytes is the most bytes of a message (UTF-8) or a notification
	// (JSON), from 1 to 16384.
	// Cost: none; a message costs 1 write unit a KB.
	// Default: 16384.
	MaxMessageBytes *float64

	// NotifyUsers is how many users one notification may name, from 1 to 100.
	// Cost: none; a notification costs 2 write units a user, and 1 more a KB.
	// Default: 100.
	NotifyUsers *float64

	// ThrottleRate is how many frames and connects a second API Gateway takes
	// for the whole stage, from 1 to 1000000, as well as it can. Above it
	// clients are refused before any function runs, whoever caused it.
	// Cost: none.
	// Default: the quota of the account, 10,000 a second for all its APIs.
	ThrottleRate *float64

	// ThrottleBurst is how many of them may come at once, from 1 to 1000000.
	// Cost: none.
	// Default: the quota of the account.
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

// env returns the environment variables that l stands for.
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

// throttle returns what the stage takes; nil leaves it to the account.
func (l ChatLimits) throttle() *awsapigatewayv2.ThrottleSettings {
	if l.ThrottleRate == nil && l.ThrottleBurst == nil {
		return nil
	}
	return &awsapigatewayv2.ThrottleSettings{RateLimit: l.ThrottleRate, BurstLimit: l.ThrottleBurst}
}
