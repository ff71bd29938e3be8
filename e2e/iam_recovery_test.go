package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// recovery checks that join and history return missed messages, across gaps that
// each of them has to resolve.
func (p *probing) recovery(ctx context.Context) error {
	const room = "recovery"
	ada, err := p.dial(ctx, "missing", room)
	if err != nil {
		return err
	}
	ack, err := ada.ask(ctx, object{"action": "sendMessage", "message": "hi", "clientId": "c"}, "ack")
	if err != nil {
		return err
	}
	seq, _ := ack["seq"].(float64) // above 1 where the sender was slow
	for n, c := range []struct{ action, answer string }{{"join", "joined"}, {"history", "history"}} {
		if err := p.gap(ctx, room); err != nil {
			return err
		}
		page, err := ada.ask(ctx, object{"action": c.action, "roomId": room, "since": 0, "epoch": ""}, c.answer)
		if err != nil {
			return err
		}
		if list, _ := page["messages"].([]any); page["recovered"] != true || page["seq"] != seq+float64(n+1) || len(list) != 1 {
			return fmt.Errorf("recovered by %s: %v", c.action, page)
		}
	}
	pong, err := ada.ask(ctx, object{"action": "ping", "heartbeat": 60, "rooms": []object{{"roomId": room, "seq": 1}}}, "pong")
	if err != nil {
		return err
	}
	if rooms, _ := pong["rooms"].([]any); len(rooms) != 1 || rooms[0].(object)["member"] != true {
		return fmt.Errorf("the room's state is %v", pong)
	}
	return nil
}

// gaps checks that the read of a head below which many seqs have no message resolves
// these gaps, and records that.
func (p *probing) gaps(ctx context.Context) error {
	const room, seqs = "gaps", 80
	ada, err := p.dial(ctx, "resolver", room)
	if err != nil {
		return err
	}
	recently, longAgo := time.Now().Add(-time.Minute), time.Now().Add(-30*24*time.Hour)
	for _, item := range []map[string]types.AttributeValue{
		{"sk": text("HEAD"), "seq": number(seqs), "epoch": text("e"), "startedAt": number(longAgo.UnixMilli()), "advancedAt": number(recently.UnixMilli())},
		{"sk": text(fmt.Sprintf("%016d", seqs)), "timestamp": number(recently.UnixMilli())},
	} {
		item["pk"], item["ttl"] = text("ROOM#"+room), number(time.Now().Add(time.Hour).Unix())
		if _, err := p.db.PutItem(ctx, &dynamodb.PutItemInput{TableName: &p.log, Item: item}); err != nil {
			return err
		}
	}
	if err := ada.tell(ctx, object{"action": "history", "roomId": room, "since": 1, "epoch": "e"}, "history"); err != nil {
		return err
	}
	return poll(ctx, func() (bool, error) {
		out, err := p.db.GetItem(ctx, &dynamodb.GetItemInput{
			TableName: &p.log, ConsistentRead: aws.Bool(true),
			Key: map[string]types.AttributeValue{"pk": text("ROOM#" + room), "sk": text("HEAD")},
		})
		if err != nil {
			return false, nil
		}
		if floor, ok := out.Item["floor"].(*types.AttributeValueMemberN); !ok || floor.Value != fmt.Sprint(seqs) {
			return false, fmt.Errorf("the head's floor is %v, want %d", out.Item["floor"], seqs)
		}
		return true, nil
	})
}

// gap takes a seq of a room, like a sender whose function then ended.
func (p *probing) gap(ctx context.Context, room string) error {
	_, err := p.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &p.log, Key: map[string]types.AttributeValue{"pk": text("ROOM#" + room), "sk": text("HEAD")},
		UpdateExpression:          aws.String("SET #at = :at ADD #seq :one"),
		ExpressionAttributeNames:  map[string]string{"#at": "advancedAt", "#seq": "seq"},
		ExpressionAttributeValues: map[string]types.AttributeValue{":at": number(time.Now().Add(-time.Minute).UnixMilli()), ":one": number(1)},
	})
	return err
}

// inboxes checks that an inbox drops the oldest notifications above its limit: the
// sender's function if there are many, the reader's if there are few. One that is
// sent twice is kept once, and an acknowledged one is gone.
func (p *probing) inboxes(ctx context.Context) error {
	const many, few = 2, 1
	return errors.Join(p.inbox(ctx, "hoarder", many), p.inbox(ctx, "reader", few))
}

// inbox fills the inbox of a user with more notifications than it keeps.
func (p *probing) inbox(ctx context.Context, user string, over int) error {
	ada, err := p.dial(ctx, "sender to "+user, "")
	if err != nil {
		return err
	}
	bob, err := p.dial(ctx, user, "")
	if err != nil {
		return err
	}
	for n := range inboxLimit + over {
		for range 2 {
			notify := object{"action": "notify", "userId": user, "notification": n, "clientId": fmt.Sprint(user, n)}
			if err := ada.tell(ctx, notify, "ack"); err != nil {
				return err
			}
		}
	}
	waiting := func(want, dropped int) ([]any, error) {
		inbox, err := bob.ask(ctx, object{"action": "inbox"}, "inbox")
		if err != nil {
			return nil, err
		}
		list, _ := inbox["notifications"].([]any)
		if counted, _ := inbox["dropped"].(float64); len(list) != want || int(counted) != dropped {
			return nil, fmt.Errorf("in the inbox: %v, want %d and %d dropped", inbox, want, dropped)
		}
		return list, nil
	}
	list, err := waiting(inboxLimit, over)
	if err != nil {
		return err
	}
	ack := object{"action": "ackNotification", "ids": []any{list[0].(object)["id"]}, "droppedUpTo": over}
	for range 2 { // the second changes nothing
		if err := bob.tell(ctx, ack, "ack"); err != nil {
			return err
		}
		ack["ids"] = []any{}
	}
	_, err = waiting(inboxLimit-1, 0)
	return err
}

// redelivery checks that a notification that cannot be posted at once is queued, and
// that the sender does not wait for it.
func (p *probing) redelivery(ctx context.Context) error {
	ada, err := p.dial(ctx, "sender", "")
	if err != nil {
		return err
	}
	return errors.Join(
		p.ghost(ctx, ghost{user: "notyet", room: "nowhere"}),
		ada.tell(ctx, object{"action": "notify", "userId": "notyet", "notification": "hi"}, "ack"))
}
