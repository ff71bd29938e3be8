package backend

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/roomcast/roomcast/internal/retry"
)

// gapTimeout is how long a sender has for its message after it took its seq,
// gapTimeout of package roomlog.
const gapTimeout = time.Second

func TestRetryDelays(t *testing.T) {
	t.Parallel()
	retryer := Tuned(aws.Config{}).Retryer()
	delay := func(attempt int) time.Duration {
		d, err := retryer.RetryDelay(attempt, errors.New("throttled"))
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	longest := map[int]time.Duration{}
	for attempt := 1; attempt <= 10; attempt++ {
		different := map[time.Duration]bool{}
		for range 1000 {
			d := delay(attempt)
			different[d] = true
			longest[attempt] = max(longest[attempt], d)
		}
		if len(different) < 100 {
			t.Errorf("the delay after attempt %d has %d different values of 1000: want jitter", attempt, len(different))
		}
	}
	if longest[1] >= 100*time.Millisecond {
		t.Errorf("the first retry waits up to %v", longest[1])
	}
	if longest[3] <= longest[1] || longest[10] > 500*time.Millisecond {
		t.Errorf("the delays do not grow to 500 ms: %v", longest)
	}
	var all time.Duration
	for attempt := 1; attempt < retryer.MaxAttempts(); attempt++ {
		all += retry.Limit(firstBackoff, maxBackoff, attempt-1)
	}
	if all >= gapTimeout/2 {
		t.Errorf("the retries of a call wait up to %v, so that those of two calls may take longer than the gap timeout", all)
	}
}

// getItem makes a call with the clients that functions have.
func getItem(t *testing.T, endpoint string) func(context.Context) error {
	t.Helper()
	tables := dynamodb.NewFromConfig(Tuned(aws.Config{
		Region: "eu-west-1", BaseEndpoint: &endpoint,
		Credentials: credentials.NewStaticCredentialsProvider("AKID", "secret", ""),
	}))
	return func(ctx context.Context) error {
		_, err := tables.GetItem(ctx, &dynamodb.GetItemInput{
			TableName: aws.String("t"), Key: map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: "k"}},
		})
		return err
	}
}

// TestDeadSocketsCostMilliseconds has a server that closes every kept connection
// when it is used again, without an answer, as a service does that had closed it
// while the function was frozen.
func TestDeadSocketsCostMilliseconds(t *testing.T) {
	t.Parallel()
	const kept = 20
	var arrived sync.WaitGroup
	arrived.Add(kept)
	var used sync.Map
	var tries atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, again := used.LoadOrStore(r.RemoteAddr, true); again {
			tries.Add(1)
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			_ = conn.Close()
			return
		}
		if r.Header.Get("Amz-Sdk-Request") == "attempt=1; max=4" {
			arrived.Done() // each on a connection of its own
			arrived.Wait()
		}
		_, _ = w.Write([]byte("{}"))
	}))
	defer server.Close()
	call := getItem(t, server.URL)
	var wave sync.WaitGroup
	for range kept {
		wave.Go(func() {
			if err := call(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wave.Wait()

	begin := time.Now()
	if err := call(t.Context()); err != nil {
		t.Fatalf("a call after a freeze fails: %v", err)
	}
	if took := time.Since(begin); took > 400*time.Millisecond {
		t.Errorf("a call after a freeze took %v", took)
	}
	if n := tries.Load(); n != 1 {
		t.Errorf("tried %d dead connections, want 1", n)
	}
}

// TestSilentServer has a server that takes requests and never answers them.
func TestSilentServer(t *testing.T) {
	t.Parallel()
	var tries atomic.Int64
	over := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		tries.Add(1)
		select {
		case <-over:
		case <-r.Context().Done():
		}
	}))
	defer server.Close()
	defer close(over)

	begin := time.Now()
	err := getItem(t, server.URL)(t.Context())
	var timeout interface{ Timeout() bool }
	if !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Errorf("got %v, want a timeout", err)
	}
	// 2 s an attempt, and room for a busy machine: far from a function's 10 s.
	if took := time.Since(begin); took < 2*headerTimeout || took > 4*headerTimeout {
		t.Errorf("gave up after %v, want two attempts of %v", took, headerTimeout)
	}
	if n := tries.Load(); n != timeoutTries {
		t.Errorf("tried %d times, want %d", n, timeoutTries)
	}
}

func TestClientKeepsTrustedRoots(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	roots := server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	given := awshttp.NewBuildableClient().WithTransportOptions(func(tr *http.Transport) { tr.TLSClientConfig.RootCAs = roots })
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := Tuned(aws.Config{HTTPClient: given}).HTTPClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
}

// TestIdleConnectionsAreNotKeptForLong names the limits that net/http keeps, by
// the wall clock, which goes on while a function is frozen.
func TestIdleConnectionsAreNotKeptForLong(t *testing.T) {
	t.Parallel()
	tr := Tuned(aws.Config{}).HTTPClient.(*client).http.Transport.(*http.Transport)
	if tr.IdleConnTimeout != 20*time.Second || tr.MaxIdleConnsPerHost < 100 {
		t.Errorf("connections are kept for %v, %d of a host", tr.IdleConnTimeout, tr.MaxIdleConnsPerHost)
	}
}
