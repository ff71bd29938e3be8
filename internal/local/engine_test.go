package local

import (
	"strings"
	"testing"

	"github.com/roomcast/roomcast/internal/local/engines"
)

// A running DynamoDB keeps its tables from run to run, and is not stopped.
func TestDynamoDBThatSomebodyElseRuns(t *testing.T) {
	t.Parallel()
	engine, err := engines.StartDynamoDB(t.Context(), "", t.Logf)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(engine.Close)
	options := Options{Assembly: "testdata/foreign-ts/assembly", DynamoDB: engine.Endpoint()}
	first := start(t, options)
	putGhost(t, first, first.Outputs()["TableName"])
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second := start(t, options)
	awaitRows(t, second, second.Outputs()["TableName"], 1)
}

func TestAnUnknownDynamoDB(t *testing.T) {
	t.Parallel()
	_, err := Start(t.Context(), Options{Assembly: "testdata/foreign-ts/assembly", DynamoDB: "oracle"})
	if err == nil || !strings.Contains(err.Error(), `invalid DynamoDB engine "oracle": expected dynalite`) {
		t.Errorf("error is %v", err)
	}
}
