package restore

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

// paged is a table of this many rooms, two on each page.
type paged struct {
	rooms int
	fail  string // the room whose write fails
	gone  string // the room whose head is deleted meanwhile

	mu     sync.Mutex
	epochs map[string]string
}

func (p *paged) Scan(_ context.Context, in *dynamodb.ScanInput, _ ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error) {
	if in.ConsistentRead == nil || !*in.ConsistentRead {
		return nil, errors.New("the scan may miss what was restored a moment ago")
	}
	first := 0
	if in.ExclusiveStartKey != nil {
		_, _ = fmt.Sscanf(in.ExclusiveStartKey["pk"].(*types.AttributeValueMemberS).Value, "ROOM#%d", &first)
	}
	out := &dynamodb.ScanOutput{}
	for room := first; room < min(first+2, p.rooms); room++ {
		out.Items = append(out.Items, map[string]types.AttributeValue{"pk": text(fmt.Sprintf("ROOM#%d", room)), "sk": text("HEAD")})
	}
	if first+2 < p.rooms {
		out.LastEvaluatedKey = map[string]types.AttributeValue{"pk": text(fmt.Sprintf("ROOM#%d", first+2))}
	}
	return out, nil
}

func (p *paged) UpdateItem(_ context.Context, in *dynamodb.UpdateItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	room := in.Key["pk"].(*types.AttributeValueMemberS).Value
	switch room {
	case p.fail:
		return nil, errors.New("the table is on fire")
	case p.gone:
		return nil, &types.ConditionalCheckFailedException{}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.epochs[room] = in.ExpressionAttributeValues[":epoch"].(*types.AttributeValueMemberS).Value
	return &dynamodb.UpdateItemOutput{}, nil
}

func TestNewEpochs(t *testing.T) {
	t.Parallel()
	n := 0
	newID := func() string { n++; return fmt.Sprint("new-", n) }
	table := &paged{rooms: 5, gone: "ROOM#3", epochs: map[string]string{}}
	var progress []int
	rooms, err := NewEpochs(t.Context(), table, "messages", newID, func(rooms int) { progress = append(progress, rooms) })
	if err != nil || rooms != 5 || fmt.Sprint(progress) != "[2 4 5]" {
		t.Errorf("got %d rooms, %v, progress %v", rooms, err, progress)
	}
	seen := map[string]bool{}
	for _, epoch := range table.epochs {
		seen[epoch] = true
	}
	if len(table.epochs) != 4 || len(seen) != 4 {
		t.Errorf("got the epochs %v, want one of its own for each of four rooms", table.epochs)
	}
	table.fail = "ROOM#2"
	rooms, err = NewEpochs(t.Context(), table, "messages", newID, func(int) {})
	if err == nil || rooms != 2 || !strings.Contains(err.Error(), "table messages: the table is on fire") {
		t.Errorf("got %d rooms and %v, want 2 and the failure", rooms, err)
	}
}
