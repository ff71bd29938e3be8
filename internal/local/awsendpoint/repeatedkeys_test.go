package awsendpoint_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/roomcast/roomcast/internal/local/awsendpoint"
)

// A batch that names a key twice is refused as DynamoDB refuses it, before it
// reaches an engine.
func TestRepeatedKeysAreRefused(t *testing.T) {
	t.Parallel()
	const (
		duplicates = "Provided list of item keys contains duplicates"
		write, get = "BatchWriteItem", "BatchGetItem"
	)
	put := func(item string) string { return `{"PutRequest":{"Item":{` + item + `}}}` }
	remove := func(key string) string { return `{"DeleteRequest":{"Key":{` + key + `}}}` }
	key := func(pk, sk string) string { return `"pk":{"S":"` + pk + `"},"sk":{"N":"` + sk + `"}` }
	writes := func(all ...string) string { return `{"RequestItems":{"Chat":[` + strings.Join(all, ",") + `]}}` }
	gets := func(all ...string) string {
		return `{"RequestItems":{"Chat":{"Keys":[{` + strings.Join(all, "},{") + `}]}}}`
	}
	f := open(t, awsendpoint.Config{
		Services: map[string]string{"dynamodb": engine(t, "dynalite")},
		Keys:     keys(t, false, allow("*", "*")),
		SortKey:  func(string) string { return "sk" },
	})
	for _, c := range []struct {
		name, operation, body string
		refused               bool
	}{
		{"two puts", write, writes(put(key("a", "1")+`,"v":{"S":"x"}`), put(key("a", "1"))), true},
		{"a put and a delete", write, writes(put(key("a", "1")), remove(key("a", "1"))), true},
		{"two deletes", write, writes(remove(key("a", "1")), remove(key("b", "1")), remove(key("a", "1"))), true},
		{"equal numbers", write, writes(remove(key("a", "1")), remove(key("a", "10e-1"))), true},
		{"two gets", get, gets(key("a", "1"), key("a", "1.0")), true},
		{"a table by its ARN", write, strings.Replace(writes(remove(key("a", "1")), remove(key("a", "1"))), "Chat",
			"arn:aws:dynamodb:"+region+":"+account+":table/Chat", 1), true},
		{"another sort key", write, writes(put(key("a", "1")), put(key("a", "2"))), false},
		{"another partition key", get, gets(key("a", "1"), key("b", "1")), false},
		{"two tables", get, `{"RequestItems":{"Chat":{"Keys":[{` + key("a", "1") + `}]},"Log":{"Keys":[{` + key("a", "1") + `}]}}}`, false},
		{"incomplete keys", get, gets(`"pk":{"S":"a"}`, `"pk":{"S":"a"}`), false},
		{"no keys at all", get, gets(`"v":{"S":"a"}`, `"v":{"S":"a"}`), false},
		{"numbers that DynamoDB does not have", get, gets(key("a", "1e999999999"), key("a", "1e9999999999")), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			status, body := callDynamoDB(t, f, c.operation, c.body)
			refused := status == http.StatusBadRequest && strings.Contains(body, `"ValidationException"`) && strings.Contains(body, duplicates)
			if refused != c.refused || !refused && status != http.StatusTeapot {
				t.Errorf("status %d, %s; want it refused: %v", status, body, c.refused)
			}
		})
	}
}

// The permission comes first, as for any other fault of a request.
func TestRepeatedKeysWithoutPermission(t *testing.T) {
	t.Parallel()
	f := open(t, awsendpoint.Config{Services: map[string]string{"dynamodb": engine(t, "dynalite")}})
	status, body := callDynamoDB(t, f, "BatchGetItem", `{"RequestItems":{"Chat":{"Keys":[{"pk":{"S":"a"}},{"pk":{"S":"a"}}]}}}`)
	if status != http.StatusBadRequest || !strings.Contains(body, "AccessDeniedException") {
		t.Errorf("status %d, %s; want AccessDeniedException", status, body)
	}
}

func callDynamoDB(t *testing.T, f *awsendpoint.Endpoint, operation, body string) (status int, answer string) {
	t.Helper()
	response, answer := do(t, request(t, chat, f.URL(), "dynamodb", body, func(r *http.Request) {
		r.Header.Set("X-Amz-Target", "DynamoDB_20120810."+operation)
	}))
	return response.StatusCode, answer
}
