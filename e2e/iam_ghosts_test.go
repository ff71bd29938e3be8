package e2e_test

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// ghost is a connection that the gateway does not know.
type ghost struct {
	user, room string
	age        time.Duration // the server does not take a new connection for gone
	expired    bool          // its token has expired
}

// ghostSlot is the partition of the slot that a user's ghost holds: each ghost has
// its own address.
func ghostSlot(user string) string { return "SLOT#IP#" + user + "#0" }

// ghost writes the items of a ghost, its slot included.
func (p *probing) ghost(ctx context.Context, g ghost) error {
	id := "Z2hvc3Q" + fmt.Sprintf("%08x", time.Now().UnixNano()&0xffffffff) + "="
	since := time.Now().Add(-g.age)
	rows := [][2]string{{"CONN#" + id, "-"}, {"ROOM#" + g.room + "#0", id}, {"USER#" + g.user, id}, {ghostSlot(g.user), "000000"}}
	if g.expired {
		rows = append(rows, [2]string{fmt.Sprintf("TOKENEXPIRY#%d#0", time.Now().Unix()/60), id})
	}
	for _, key := range rows {
		item := map[string]types.AttributeValue{
			"pk": text(key[0]), "sk": text(key[1]), "connectionId": text(id), "userId": text(g.user), "roomId": text(g.room),
			"connectedAt": number(since.UnixMilli()), "ttl": number(since.Add(2 * time.Hour).Unix()),
		}
		if key[1] == "-" {
			item["rooms"] = &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{g.room: number(0)}}
			item["slots"] = &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{"IP#" + g.user: number(0)}}
		}
		if g.expired {
			item["tokenExpiresAt"] = number(time.Now().Unix())
		}
		if _, err := p.db.PutItem(ctx, &dynamodb.PutItemInput{TableName: &p.table, Item: item}); err != nil {
			return err
		}
	}
	return nil
}

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}
