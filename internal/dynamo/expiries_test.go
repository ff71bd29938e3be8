package dynamo

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// TestExpiriesUseAllParts: a key takes 1,000 writes a second, and docs/guide/capacity.md
// says to ask AWS for 5,000 new connections a second. All of their tokens may have the same
// lifetime, and each connection may refresh when its token expires.
func TestExpiriesUseAllParts(t *testing.T) {
	t.Parallel()
	const connections, perKey = 10_000, 1000
	counts := map[string]int{}
	for i := range connections {
		k := expiryKey(fmt.Sprintf("L0SM%dcOFvHcCIhw=", i), time.Unix(1_790_003_600, 0))
		counts[k.text(attrPK)]++
	}
	for key, n := range counts {
		if n > perKey {
			t.Errorf("%s takes %d of %d writes a second", key, n, connections)
		}
	}
}

// TestExpiriesOfFewerParts: functions of an earlier version, with fewer parts, run
// at the same time as new ones during an update, and their rows stay.
func TestExpiriesOfFewerParts(t *testing.T) {
	t.Parallel()
	table, at := newTable(t), time.Unix(1_790_003_600, 0)
	connections := newConnections(client, table, func() time.Time { return at })
	for n := range 2 {
		id := fmt.Sprint("c", n)
		_, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{
			TableName: &table, Item: expiryItem(id, at).with(key(expiryPK(at, n), id)),
		})
		must(t, err)
	}
	found, err := connections.ListExpiries(t.Context(), at)
	must(t, err)
	if len(found) != 2 {
		t.Errorf("found %v, want both expiries", found)
	}
}
