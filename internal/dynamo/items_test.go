package dynamo

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/roomcast/roomcast/internal/permission"
	"github.com/roomcast/roomcast/internal/realtime/inbox"
	"github.com/roomcast/roomcast/internal/realtime/limits"
	"github.com/roomcast/roomcast/internal/realtime/members"
	"github.com/roomcast/roomcast/internal/realtime/roomlog"
	"github.com/roomcast/roomcast/internal/realtime/sends"
	"github.com/roomcast/roomcast/internal/realtime/shard"
)

// TestConnectionItems compares the stored items with the table in doc.go: other programs, and
// later versions of this one, read them.
func TestConnectionItems(t *testing.T) {
	t.Parallel()
	at := time.UnixMilli(1_790_000_000_123)
	now := func() time.Time { return at }
	table := newTable(t)
	connections := newConnections(client, table, now)
	must(t, connections.Connect(t.Context(), members.Connection{
		ID: "c1=", UserID: "ada", IP: "192.0.2.1", Rooms: []members.Membership{{RoomID: "lobby", Shard: 12}},
		Slots:       []limits.Slot{{Quota: "USER#ada", Number: 7}},
		ConnectedAt: at, ExpiresAt: time.Unix(1_790_007_500, 0),
		Permissions: permission.Everything(), TokenExpiresAt: time.Unix(1_790_003_600, 0),
	}))
	slot, err := NewSlots(client, table, now).Take(t.Context(), "ROOM#tea", 1, "c1=", time.Unix(1_790_007_500, 0))
	must(t, err)
	_, err = NewBuckets(client, table).Withdraw(t.Context(), limits.UserBucket("ada"), limits.Withdrawal{
		Cost: 1500 * time.Millisecond, Burst: 2 * time.Second, At: time.Unix(1_790_000_000, 0),
	})
	must(t, err)
	st := members.Status{Established: true, AckedSeq: 7, PresentUntil: time.Unix(1_790_000_090, 0)}
	must(t, connections.Join(t.Context(), "c1=", members.Membership{RoomID: "tea"}, st, members.JoinConditions{Slot: slot}))
	wantItems(t, table,
		"BUCKET#USER#ada -: fullAt=1790000001500000 ttl=1790000061",
		`CONN#c1= -: connectedAt=1790000000123 connectionId=c1= ip=192.0.2.1 order=1 permissions={"rooms":["*"],"notify":["*"]} rooms=map[lobby:12000000000 tea:1] slots=map[ROOM#tea:0 USER#ada:7] tokenExpiresAt=1790003600 ttl=1790007500 userId=ada`,
		"ROOM#lobby#12 c1=: connectedAt=1790000000123 connectionId=c1= roomId=lobby ttl=1790007500 userId=ada",
		"ROOM#tea#0 c1=: acked=7 connectedAt=1790000000123 connectionId=c1= established=true joinedAt=1790000000123 order=1 presentUntil=1790000090 roomId=tea ttl=1790007500 userId=ada",
		"SLOT#ROOM#tea#0 000000: connectionId=c1= ttl=1790007500",
		"TOKENEXPIRY#29833393#12 c1=: connectionId=c1= tokenExpiresAt=1790003600 ttl=1790090000",
		"USER#ada c1=: connectedAt=1790000000123 connectionId=c1= ttl=1790007500 userId=ada",
	)
}

// TestMessageItems does the same for the table of messages.
func TestMessageItems(t *testing.T) {
	t.Parallel()
	at, expires := time.UnixMilli(1_790_000_000_123), time.Unix(1_790_604_800, 0)
	now := func() time.Time { return at }
	table := newTable(t)
	log := newLog(client, table, now)
	for i := range 2 {
		_, err := log.Advance(t.Context(), "lobby", "01J", at.Add(time.Duration(i)*time.Second), expires)
		must(t, err)
	}
	must(t, log.Resize(t.Context(), "lobby", shard.Layout{Shards: 4, Open: []int{2, 10}, Members: 1234, Version: 1}, expires))
	for _, e := range []roomlog.Entry{
		{Seq: 1, ID: "01J", UserID: "ada", Message: "hello"},
		{Seq: 2},
	} {
		e.RoomID, e.Timestamp, e.ExpiresAt = "lobby", at, expires
		_, err := log.Put(t.Context(), e)
		must(t, err)
	}
	sent := NewSends(client, table, now)
	for _, key := range []sends.Key{
		{UserID: "ada", ClientID: "é1", RoomID: "lobby"},
		{UserID: "ada", ClientID: "k2"},
	} {
		_, err := sent.Claim(t.Context(), key, sends.Send{ID: "01J", Timestamp: at, Seq: 1, ExpiresAt: expires})
		must(t, err)
	}
	inboxes := NewInboxes(client, table, now)
	for i := range 3 {
		_, err := inboxes.Add(t.Context(), "bob", inbox.Notification{
			ID: noteID(i), From: "ada", Notification: []byte(`{"n": 1}`), Timestamp: at, ExpiresAt: expires,
		})
		must(t, err)
	}
	must(t, inboxes.Trim(t.Context(), "bob", 1))
	wantItems(t, table,
		"INBOX#bob 01J00000000000000000000002: from=ada notification={\"n\": 1} timestamp=1790000000123 ttl=1790604800",
		"INBOX#bob STATE: count=1 dropped=2 trims=1 ttl=1790604800",
		"ROOM#lobby 0000000000000001: id=01J message=hello timestamp=1790000000123 ttl=1790604800 userId=ada",
		"ROOM#lobby 0000000000000002: timestamp=1790000000123 ttl=1790604800",
		"ROOM#lobby HEAD: advancedAt=1790000001123 epoch=01J layoutVersion=1 members=1234 open=[10 2] seq=2 shards=4 startedAt=1790000000123 ttl=1790604800",
		"SEND#ada NOTIFY#k2: id=01J seq=1 timestamp=1790000000123 ttl=1790604800",
		"SEND#ada ROOM#3#é1#lobby: id=01J seq=1 timestamp=1790000000123 ttl=1790604800",
	)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// wantItems compares all items of a table.
func wantItems(t *testing.T, table string, want ...string) {
	t.Helper()
	if got := dump(t, table); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// dump returns the items of a table, sorted, each in one line.
func dump(t *testing.T, table string) []string {
	t.Helper()
	out, err := client.Scan(t.Context(), &dynamodb.ScanInput{TableName: &table})
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, i := range out.Items {
		line := value(i["pk"]) + " " + value(i["sk"]) + ":"
		for _, attr := range slices.Sorted(maps.Keys(i)) {
			if attr != "pk" && attr != "sk" {
				line += " " + attr + "=" + value(i[attr])
			}
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	return lines
}

func value(v types.AttributeValue) string {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return v.Value
	case *types.AttributeValueMemberN:
		return v.Value
	case *types.AttributeValueMemberSS:
		return fmt.Sprint(slices.Sorted(slices.Values(v.Value)))
	case *types.AttributeValueMemberNS:
		return fmt.Sprint(slices.Sorted(slices.Values(v.Value))) // as texts
	case *types.AttributeValueMemberM:
		fields := map[string]string{}
		for name, field := range v.Value {
			fields[name] = value(field)
		}
		return fmt.Sprint(fields)
	case *types.AttributeValueMemberBOOL:
		return fmt.Sprint(v.Value)
	default:
		return fmt.Sprintf("%T", v)
	}
}
