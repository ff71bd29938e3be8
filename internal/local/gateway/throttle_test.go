package gateway

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	api "github.com/aws/aws-sdk-go-v2/service/apigatewaymanagementapi"
	"github.com/aws/aws-sdk-go-v2/service/apigatewaymanagementapi/types"
	"golang.org/x/time/rate"
)

// tooMany is how the frame for a throttled message begins.
const tooMany = `{"message": "Too Many Requests", "connectionId":"`

func pong(key string, limit *Limit) Route {
	return Route{Key: key, Target: answers(`{"statusCode":200,"body":"` + key + `"}`), ReturnResponse: true, Limit: limit}
}

func TestThrottledMessage(t *testing.T) {
	t.Parallel()
	a := start(t, pong("slow", &Limit{Rate: 0.001, Burst: 2}), pong("free", nil))
	c := a.connect(t)
	for n, want := range []string{"slow", "slow", tooMany, tooMany} {
		write(t, c, `{"action":"slow"}`)
		if got := read(t, c); !strings.HasPrefix(got, want) {
			t.Errorf("message %d is answered %s, want %s", n+1, got, want)
		}
	}
	write(t, c, `{"action":"free"}`)
	if got := read(t, c); got != "free" {
		t.Errorf("the other route answers %s", got)
	}
}

func TestBucketFillsAgain(t *testing.T) {
	t.Parallel()
	a := start(t, pong("slow", &Limit{Rate: 50, Burst: 1}))
	c := a.connect(t)
	throttled := 0
	for served := 0; served < 3; {
		write(t, c, `{"action":"slow"}`)
		if got := read(t, c); got == "slow" {
			served++
		} else if throttled++; throttled > 1_000_000 {
			t.Fatal("the bucket does not fill")
		}
	}
	if throttled == 0 {
		t.Error("no message was throttled")
	}
}

func TestThrottledHandshake(t *testing.T) {
	t.Parallel()
	asked := make(chan string, 10)
	a := start(t, Route{Key: "$connect", Target: records(asked), Limit: &Limit{Rate: 0.001, Burst: 1}})
	a.connect(t)
	_, response, err := a.dial(t, "", nil)
	if err == nil || response.StatusCode != http.StatusTooManyRequests {
		t.Errorf("the second handshake: %v, %v, want 429", response, err)
	}
	if len(asked) != 1 {
		t.Errorf("$connect ran %d times", len(asked))
	}
}

// Handshakes, messages and @connections requests of all APIs come out of the
// account's one bucket.
func TestAccountThrottle(t *testing.T) {
	t.Parallel()
	account := rate.NewLimiter(0.001, 4)
	one := startWith(t, Config{Account: account}, pong("$default", nil))
	two := startWith(t, Config{Account: account})
	c := one.connect(t) // 1
	id := one.onlyConnection(t).id
	write(t, c, "x") // 2
	if got := read(t, c); got != "$default" {
		t.Errorf("the message is answered %s", got)
	}
	two.connect(t)                                                                                   // 3
	if response, _ := one.command(t, http.MethodGet, id, ""); response.StatusCode != http.StatusOK { // 4
		t.Errorf("the fourth request: %s", response.Status)
	}
	_, err := one.sdk().PostToConnection(timeout(t), &api.PostToConnectionInput{ConnectionId: &id, Data: []byte("x")})
	if _, ok := errors.AsType[*types.LimitExceededException](err); !ok {
		t.Errorf("the fifth request: %v", err)
	}
	write(t, c, "x")
	if got := read(t, c); !strings.HasPrefix(got, tooMany) {
		t.Errorf("the sixth request is answered %s", got)
	}
	if _, response, err := two.dial(t, "", nil); err == nil || response.StatusCode != http.StatusTooManyRequests {
		t.Errorf("the seventh request: %v, %v", response, err)
	}
}
