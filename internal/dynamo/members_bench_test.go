package dynamo

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// BenchmarkMembers reads a shard of 500 members, as every broadcast job does: from the bytes
// of DynamoDB's response on.
func BenchmarkMembers(b *testing.B) {
	const members = 500
	rows := make([]string, members)
	for i := range rows {
		rows[i] = fmt.Sprintf(`{"connectionId":{"S":"R0oXAd%06d0kwCH6w="},"userId":{"S":"user-%d"},`+
			`"connectedAt":{"N":"1790000000123"},"established":{"BOOL":true},"acked":{"N":"123456"},`+
			`"presentUntil":{"N":"1790000090"}}`, i, i)
	}
	answer := []byte(fmt.Sprintf(`{"Count":%d,"ScannedCount":%d,"Items":[%s]}`, members, members, strings.Join(rows, ",")))
	c := newConnections(dynamodb.New(dynamodb.Options{
		Region:      "us-east-1",
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
		HTTPClient:  answering(answer),
	}), "table", time.Now)
	b.SetBytes(int64(len(answer)))
	b.ReportAllocs()
	for b.Loop() {
		got, err := c.Members(context.Background(), "lobby", 0, 0)
		if err != nil || len(got) != members {
			b.Fatalf("got %d members, %v", len(got), err)
		}
	}
}

// BenchmarkMember runs the part of it that is in this package.
func BenchmarkMember(b *testing.B) {
	i := item{
		attrConnectionID: text("R0oXAdfD0kwCH6w1="), attrUserID: text("user-1"), attrConnectedAt: number(1_790_000_000_123),
		attrAcked: number(123456), attrPresentUntil: number(1_790_000_090),
	}
	b.ReportAllocs()
	for b.Loop() {
		if i.member().UserID != "user-1" {
			b.Fatal("decoded another member")
		}
	}
}

// answering answers every request with the same bytes.
type answering []byte

func (a answering) Do(*http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusOK,
		Header:     http.Header{"Content-Type": {"application/x-amz-json-1.0"}},
		Body:       io.NopCloser(bytes.NewReader(a)),
	}, nil
}
