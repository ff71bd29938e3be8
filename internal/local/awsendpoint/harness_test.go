package awsendpoint_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/smithy-go"

	"github.com/roomcast/roomcast/internal/local/access"
	"github.com/roomcast/roomcast/internal/local/awsendpoint"
	"github.com/roomcast/roomcast/internal/local/iam"
)

const (
	account = "000000000000"
	region  = "us-east-1"
)

// chat are the credentials of the function Chat, admin those of an administrator.
var (
	chat  = access.Credentials{AccessKeyID: "ASIACHAT", SecretAccessKey: "chat's secret", SessionToken: "chat's token"}
	admin = access.Credentials{AccessKeyID: "AKIAADMIN", SecretAccessKey: "the admin's secret"}
)

// keys know both; the function has the policy, a list of statements.
func keys(t testing.TB, off bool, statements string) *access.Keys {
	t.Helper()
	policy, err := iam.Parse([]byte(`{"Version":"2012-10-17","Statement":[` + statements + `]}`))
	if err != nil {
		t.Fatal(err)
	}
	k := access.New(access.Options{AccountID: account, Region: region, Off: off})
	k.Add(admin, access.Principal{Administrator: true})
	k.Add(chat, access.Principal{Function: "Chat", Session: "chat-fn", Role: access.Role{
		Name: "ChatRole", ID: "AROACHAT", ARN: "arn:aws:iam::" + account + ":role/ChatRole", Policies: iam.Policies{policy},
	}})
	return k
}

// open starts an endpoint. It adds keys and common settings.
func open(t testing.TB, c awsendpoint.Config) *awsendpoint.Endpoint {
	t.Helper()
	if c.Keys == nil {
		c.Keys = keys(t, false, "")
	}
	c.AccountID, c.Region = account, region
	c.PartitionKey = func(table, index string) string {
		if index != "" {
			return "room"
		}
		return "pk"
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	f, err := awsendpoint.Start(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

// engine answers every call with its name, the method and path, and the request.
func engine(t testing.TB, name string) string {
	t.Helper()
	return server(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("X-Engine", name)
		w.WriteHeader(http.StatusTeapot)
		_ = json.NewEncoder(w).Encode(map[string]string{
			"engine": name, "uri": r.Method + " " + r.RequestURI, "body": string(body),
			"target": r.Header.Get("X-Amz-Target"), "type": r.Header.Get("Content-Type"), "host": r.Host,
			"authorization": r.Header.Get("Authorization"), "headers": strings.Join(slices.Sorted(maps.Keys(r.Header)), " "),
		})
	})
}

func server(t testing.TB, handle http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(handle)
	t.Cleanup(s.Close)
	return s.URL
}

// request is a call to the endpoint, signed unless by is the zero value.
func request(t testing.TB, by access.Credentials, url, service, body string, change func(*http.Request)) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-amz-json-1.0")
	if change != nil {
		change(r)
	}
	if by.AccessKeyID == "" {
		return r
	}
	sum := sha256.Sum256([]byte(body))
	if err := v4.NewSigner().SignHTTP(t.Context(), sdk(by), r, hex.EncodeToString(sum[:]), service, region, time.Now()); err != nil {
		t.Fatal(err)
	}
	return r
}

func sdk(c access.Credentials) aws.Credentials {
	return aws.Credentials{AccessKeyID: c.AccessKeyID, SecretAccessKey: c.SecretAccessKey, SessionToken: c.SessionToken}
}

func provider(c access.Credentials) aws.CredentialsProvider {
	return credentials.NewStaticCredentialsProvider(c.AccessKeyID, c.SecretAccessKey, c.SessionToken)
}

func dynamo(f *awsendpoint.Endpoint, by access.Credentials) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		Region: region, BaseEndpoint: aws.String(f.URL()), Credentials: provider(by), RetryMaxAttempts: 1,
	})
}

func queues(f *awsendpoint.Endpoint, by access.Credentials) *sqs.Client {
	return sqs.New(sqs.Options{
		Region: region, BaseEndpoint: aws.String(f.URL()), Credentials: provider(by), RetryMaxAttempts: 1,
	})
}

// client has connections of its own: a test server that closes would close those
// of the default one, also under the requests of other tests.
var client = &http.Client{Transport: &http.Transport{}}

// do makes a call and returns status and body of the answer.
func do(t testing.TB, r *http.Request) (*http.Response, string) {
	t.Helper()
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(body)
}

// allow is a statement that allows an action on resources.
func allow(action string, resources ...string) string {
	return `{"Effect":"Allow","Action":"` + action + `","Resource":["` + strings.Join(resources, `","`) + `"]}`
}

// when gives a statement a condition.
func when(statement, condition string) string {
	return strings.TrimSuffix(statement, "}") + `,"Condition":` + condition + `}`
}

// codeOf is the code of AWS's error, "" for any other.
func codeOf(err error) string {
	var refused smithy.APIError
	if !errors.As(err, &refused) {
		return ""
	}
	return refused.ErrorCode()
}
