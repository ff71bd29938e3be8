package backend

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/roomcast/roomcast/internal/apigateway"
	"github.com/roomcast/roomcast/internal/realtime/delivery"
	"github.com/roomcast/roomcast/internal/realtime/limits"
	"github.com/roomcast/roomcast/internal/realtime/session"
)

// TestEnvironment makes a call with what the environment says of AWS, as a
// function's does in Lambda and in the local cloud.
func TestEnvironment(t *testing.T) {
	var mu sync.Mutex // a handshake makes calls side by side
	var targets []string
	var auth, token string
	endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		targets = append(targets, r.Header.Get("X-Amz-Target"))
		auth, token = r.Header.Get("Authorization"), r.Header.Get("X-Amz-Security-Token")
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		_, _ = w.Write([]byte("{}"))
	}))
	defer endpoint.Close()
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": endpoint.URL, "AWS_REGION": "eu-west-1",
		"AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "session",
	} {
		t.Setenv(name, value)
	}
	cfg, err := LoadAWS(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	service, _ := New(cfg, Config{
		ConnectionTable: "connections",
		Limits:          limits.Limits{ConnectionsPerIP: limits.Unlimited, ConnectionsPerUser: limits.Unlimited}, // no slots
	}, nil)
	if err := service.Connector.Connect(t.Context(), session.Handshake{
		ConnectionID: "c1", At: time.Now(), Identity: session.Identity{UserID: "ada"},
	}); err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	defer mu.Unlock()
	if !slices.Contains(targets, "DynamoDB_20120810.BatchWriteItem") || token != "session" ||
		!strings.Contains(auth, "Credential=AKID/") || !strings.Contains(auth, "/eu-west-1/dynamodb/aws4_request") {
		t.Errorf("called %v as %s with token %q", targets, auth, token)
	}
}

// TestPostsKeepTheirSockets posts twice to many connections at a time: the
// second time hardly any new socket is opened.
func TestPostsKeepTheirSockets(t *testing.T) {
	t.Parallel()
	var opened atomic.Int64
	var arrived sync.WaitGroup // holds a wave until all of it has arrived
	stage := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		arrived.Done()
		arrived.Wait()
	}))
	stage.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			opened.Add(1)
		}
	}
	stage.Start()
	defer stage.Close()
	poster := apigateway.NewPoster(aws.Config{
		Region:      "eu-west-1",
		Credentials: credentials.NewStaticCredentialsProvider("AKID", "secret", ""),
	}, stage.URL)

	const posts = delivery.DefaultDirectLimit
	wave := func() int64 {
		before := opened.Load()
		arrived.Add(posts)
		var wg sync.WaitGroup
		for i := range posts {
			wg.Go(func() {
				if err := poster.Post(t.Context(), fmt.Sprintf("c%d", i), delivery.NewPayload([]byte("{}"))); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		return opened.Load() - before
	}
	if first, second := wave(), wave(); first < posts || second > posts/10 {
		t.Errorf("opened %d sockets, then %d more, want %d and next to none", first, second, posts)
	}
}
