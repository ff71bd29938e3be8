package frontdoor_test

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/smithy-go"

	"github.com/roomcast/roomcast/internal/local/frontdoor"
)

func open(t testing.TB, services map[string]string) *frontdoor.FrontDoor {
	t.Helper()
	f, err := frontdoor.Start(frontdoor.Config{
		Services: services,
		Caller: func(key string) string {
			if key == "ASIACHAT" {
				return "Chat"
			}
			return ""
		},
		Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

// engine answers every call with its name, the method and path, and what it was sent.
func engine(t testing.TB, name string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("X-Engine", name)
		w.WriteHeader(http.StatusTeapot)
		_ = json.NewEncoder(w).Encode(map[string]string{
			"engine": name, "uri": r.Method + " " + r.RequestURI, "body": string(body),
			"target": r.Header.Get("X-Amz-Target"), "te": r.Header.Get("Te"), "host": r.Host,
		})
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func signedFor(service string) string {
	return "AWS4-HMAC-SHA256 Credential=ASIACHAT/20260102/us-east-1/" + service + "/aws4_request, SignedHeaders=host, Signature=00"
}

func TestForwardsByService(t *testing.T) {
	t.Parallel()
	f := open(t, map[string]string{"dynamodb": engine(t, "dynalite"), "sqs": engine(t, "fauxqs")})
	tests := []struct{ name, uri, authorization, want string }{
		{"header", "/", signedFor("dynamodb"), "dynalite"},
		{"another service", "/", signedFor("sqs"), "fauxqs"},
		{"no space after the comma", "/", strings.ReplaceAll(signedFor("sqs"), ", ", ","), "fauxqs"},
		{"a key with a slash", "/", strings.Replace(signedFor("sqs"), "ASIACHAT", "A/B", 1), "fauxqs"},
		{"presigned", "/?X-Amz-Credential=ASIACHAT%2F20260102%2Fus-east-1%2Fsqs%2Faws4_request&a=%20b", "", "fauxqs"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, f.Endpoint()+tt.uri, strings.NewReader("the body"))
			if err != nil {
				t.Fatal(err)
			}
			r.Host = "sqs.us-east-1.amazonaws.com"
			r.Header.Set("X-Amz-Target", "Service.Operation")
			r.Header.Set("Te", "trailers")
			if tt.authorization != "" {
				r.Header.Set("Authorization", tt.authorization)
			}
			answer, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer answer.Body.Close()
			var got map[string]string
			if err := json.NewDecoder(answer.Body).Decode(&got); err != nil {
				t.Fatal(err)
			}
			want := map[string]string{
				"engine": tt.want, "uri": "POST " + tt.uri, "body": "the body",
				"target": "Service.Operation", "te": "", "host": "sqs.us-east-1.amazonaws.com",
			}
			for k, v := range want {
				if got[k] != v {
					t.Errorf("%s: the engine got %q, want %q", k, got[k], v)
				}
			}
			if answer.StatusCode != http.StatusTeapot || answer.Header.Get("X-Engine") != tt.want {
				t.Errorf("answer %s with X-Engine %q", answer.Status, answer.Header.Get("X-Engine"))
			}
		})
	}
}

func TestRefuses(t *testing.T) {
	t.Parallel()
	f := open(t, map[string]string{"dynamodb": engine(t, "dynalite"), "sqs": "http://127.0.0.1:1"})
	const (
		jsonType  = "application/x-amz-json-1.1"
		queryType = "application/x-www-form-urlencoded; charset=utf-8"
	)
	tests := []struct {
		name, authorization, content string
		status                       int
		want                         []string
	}{
		{"not signed", "", jsonType, 403, []string{`"__type":"MissingAuthenticationTokenException"`}},
		{"signed oddly", "Basic abc", jsonType, 403, []string{"MissingAuthenticationTokenException"}},
		{"scope too short", "AWS4-HMAC-SHA256 Credential=A/sqs/aws4_request, x", jsonType, 403, []string{"MissingAuthenticationTokenException"}},
		{"scope of no service", "AWS4-HMAC-SHA256 Credential=A/20260102/us-east-1//aws4_request, x", jsonType, 403, []string{"MissingAuthenticationTokenException"}},
		{"not emulated, JSON", signedFor("kms"), jsonType, 501,
			[]string{`"__type":"NotImplemented"`, `function Chat called AWS service \"kms\"`, "dynamodb, sqs"}},
		{"not emulated, caller unknown", strings.Replace(signedFor("kms"), "ASIACHAT", "X", 1), jsonType, 501, []string{"the caller called AWS service"}},
		{"not emulated, query", signedFor("sns"), queryType, 501,
			[]string{"<ErrorResponse><Error><Type>Receiver</Type><Code>NotImplemented</Code><Message>function Chat called AWS service &#34;sns&#34;"}},
		{"not emulated, S3", signedFor("s3"), "", 501, []string{"<Error><Code>NotImplemented</Code>"}},
		{"engine down", signedFor("sqs"), jsonType, 503, []string{`"__type":"ServiceUnavailable"`, "the local engine for sqs does not answer"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, f.Endpoint(), strings.NewReader("{}"))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Authorization", tt.authorization)
			r.Header.Set("Content-Type", tt.content)
			answer, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer answer.Body.Close()
			body, _ := io.ReadAll(answer.Body)
			if answer.StatusCode != tt.status {
				t.Errorf("status %d, want %d", answer.StatusCode, tt.status)
			}
			for _, want := range tt.want {
				if !strings.Contains(string(body), want) {
					t.Errorf("answer %s lacks %s", body, want)
				}
			}
		})
	}
}

func TestStartRefusesAnOddEndpoint(t *testing.T) {
	t.Parallel()
	_, err := frontdoor.Start(frontdoor.Config{Services: map[string]string{"sqs": "127.0.0.1:80"}})
	if err == nil || !strings.Contains(err.Error(), "the endpoint of sqs") {
		t.Errorf("error %v, want one that names the service", err)
	}
}

// The SDK finds the error's code, and does not retry what will never work.
func TestTheSDKUnderstandsARefusal(t *testing.T) {
	t.Parallel()
	f := open(t, map[string]string{"dynamodb": engine(t, "dynalite")})
	client := sqs.NewFromConfig(aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String(f.Endpoint()),
		Credentials: credentials.NewStaticCredentialsProvider("ASIACHAT", "secret", "token"),
	})
	began := time.Now()
	_, err := client.ListQueues(t.Context(), nil)
	var refused smithy.APIError
	if !errors.As(err, &refused) || refused.ErrorCode() != "NotImplemented" || !strings.Contains(refused.ErrorMessage(), "function Chat") {
		t.Errorf("error %v, want NotImplemented that names the function", err)
	}
	if took := time.Since(began); took > time.Second {
		t.Errorf("it took %s: the SDK has retried", took)
	}
}

func TestCloseLeavesNoListener(t *testing.T) {
	t.Parallel()
	f := open(t, nil)
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := http.Get(f.Endpoint()); err == nil {
		t.Error("a closed front door answers")
	}
}

// BenchmarkOverhead compares a GetItem through the front door with one that
// goes to the engine itself.
func BenchmarkOverhead(b *testing.B) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, `{"Item":{"pk":{"S":"CONN#1"},"sk":{"S":"-"}}}`)
	}))
	defer s.Close()
	f := open(b, map[string]string{"dynamodb": s.URL})
	get := &dynamodb.GetItemInput{
		TableName: aws.String("Table"),
		Key:       map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: "CONN#1"}},
	}
	for _, target := range []struct{ name, url string }{{"direct", s.URL}, {"through", f.Endpoint()}} {
		b.Run(target.name, func(b *testing.B) {
			client := dynamodb.NewFromConfig(aws.Config{
				Region: "us-east-1", BaseEndpoint: aws.String(target.url),
				Credentials: credentials.NewStaticCredentialsProvider("ASIACHAT", "secret", "token"),
			})
			for b.Loop() {
				if _, err := client.GetItem(b.Context(), get); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
