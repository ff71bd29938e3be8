package access_test

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/roomcast/roomcast/internal/local/access"
	"github.com/roomcast/roomcast/internal/local/iam"
)

const account = "000000000000"

var now = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

// signed is a request that was signed by c a while ago.
func signed(t testing.TB, c access.Credentials, service, region string, ago time.Duration) *http.Request {
	t.Helper()
	r, err := http.NewRequest("POST", "http://127.0.0.1/prod/@connections/abc%3D", nil)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(nil)
	own := aws.Credentials{AccessKeyID: c.AccessKeyID, SecretAccessKey: c.SecretAccessKey, SessionToken: c.SessionToken}
	if err := v4.NewSigner().SignHTTP(t.Context(), own, r, hex.EncodeToString(sum[:]), service, region, now.Add(-ago)); err != nil {
		t.Fatal(err)
	}
	r.Host = r.URL.Host
	return r
}

func keys(off bool) *access.Keys {
	return access.New(access.Options{AccountID: account, Region: "us-east-1", Off: off, Now: func() time.Time { return now }})
}

func TestAuthenticate(t *testing.T) {
	t.Parallel()
	own := access.Credentials{AccessKeyID: "ASIAFN", SecretAccessKey: "secret", SessionToken: "token"}
	other := access.Credentials{AccessKeyID: "ASIAFN", SecretAccessKey: "guess", SessionToken: "token"}
	k := keys(false)
	k.Add(own, access.Principal{Function: "Chat/Send"})
	for _, c := range []struct {
		name    string
		request *http.Request
		service string
		code    string
		says    string
	}{
		{"good", signed(t, own, "execute-api", "us-east-1", 0), "execute-api", "", ""},
		{"good for any service", signed(t, own, "sqs", "eu-west-1", 0), "", "", ""},
		{"another service", signed(t, own, "sqs", "us-east-1", 0), "execute-api", "InvalidSignatureException", "correct service: 'execute-api'"},
		{"another region", signed(t, own, "execute-api", "eu-west-1", 0), "execute-api", "InvalidSignatureException", "not 'eu-west-1'"},
		{"another secret", signed(t, other, "execute-api", "us-east-1", 0), "execute-api", "InvalidSignatureException", "does not match"},
		{"old", signed(t, own, "execute-api", "us-east-1", 6*time.Minute), "execute-api", "InvalidSignatureException", "Signature expired"},
		{"unknown", signed(t, access.NewCredentials(), "execute-api", "us-east-1", 0), "execute-api", "UnrecognizedClientException", "security token"},
		{"not signed", &http.Request{URL: signed(t, own, "x", "y", 0).URL, Header: http.Header{}}, "execute-api", "MissingAuthenticationTokenException", "Missing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			caller, denial := k.Authenticate(c.request, nil, c.service)
			switch {
			case c.code == "" && (denial != nil || caller.Function() != "Chat/Send"):
				t.Errorf("got %+v, %+v", caller, denial)
			case c.code != "" && (denial == nil || denial.Code != c.code || !strings.Contains(denial.Message, c.says)):
				t.Errorf("got %+v, want %s that says %q", denial, c.code, c.says)
			}
		})
	}
}

func TestMay(t *testing.T) {
	t.Parallel()
	policy, err := iam.Parse([]byte(`{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Action":"sqs:*","Resource":"*","Condition":{
			"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/Sender"},
			"StringEquals":{"aws:PrincipalAccount":"000000000000","aws:RequestedRegion":"us-east-1","aws:PrincipalType":"AssumedRole"},
			"StringLike":{"aws:userid":"AROASENDER:*"},
			"Bool":{"aws:SecureTransport":"true"},
			"DateLessThan":{"aws:CurrentTime":"2026-03-04T05:06:08Z"},
			"NumericEquals":{"aws:EpochTime":"1772600767"}}},
		{"Effect":"Deny","Action":"sqs:PurgeQueue","Resource":"*"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	function := access.NewCredentials()
	admin := access.NewCredentials()
	for _, c := range []struct {
		name   string
		off    bool
		by     access.Credentials
		action string
		says   string // of the denial, "" for none
	}{
		{"allowed by global keys", false, function, "sqs:SendMessage", ""},
		{"not allowed", false, function, "dynamodb:GetItem", "User: arn:aws:sts::000000000000:assumed-role/Sender/send-fn is not authorized to perform: dynamodb:GetItem on resource: arn:x because no identity-based policy allows the dynamodb:GetItem action"},
		{"denied", false, function, "sqs:PurgeQueue", "User: arn:aws:sts::000000000000:assumed-role/Sender/send-fn is not authorized to perform: sqs:PurgeQueue on resource: arn:x with an explicit deny in an identity-based policy"},
		{"an administrator", false, admin, "sqs:PurgeQueue", ""},
		{"off", true, function, "dynamodb:GetItem", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			k := keys(c.off)
			k.Add(admin, access.Principal{Administrator: true})
			k.Add(function, access.Principal{Function: "Send", Session: "send-fn", Role: access.Role{
				Name: "Sender", ID: "AROASENDER", ARN: "arn:aws:iam::000000000000:role/Sender", Policies: iam.Policies{policy},
			}})
			caller, denial := k.Authenticate(signed(t, c.by, "sqs", "us-east-1", 0), nil, "")
			if denial != nil {
				t.Fatal(denial)
			}
			switch denial := caller.May(c.action, "arn:x", nil); {
			case c.says == "" && denial != nil, c.says != "" && (denial == nil || denial.Message != c.says || denial.Code != access.AccessDenied):
				t.Errorf("got %+v, want %q", denial, c.says)
			}
		})
	}
}

func TestPermits(t *testing.T) {
	t.Parallel()
	policy, err := iam.Parse([]byte(`{"Statement":{"Effect":"Allow","Action":"logs:PutLogEvents","Resource":"arn:aws:logs:us-east-1:000000000000:log-group:a:*"}}`))
	if err != nil {
		t.Fatal(err)
	}
	p := access.Principal{Role: access.Role{Policies: iam.Policies{policy}}}
	for resource, want := range map[string]bool{"a:log-stream:x": true, "b:log-stream:x": false} {
		if got := access.Permits(p, account, "us-east-1", "logs:PutLogEvents", "arn:aws:logs:us-east-1:000000000000:log-group:"+resource); got != want {
			t.Errorf("%s: %v", resource, got)
		}
	}
	if access.Permits(access.Principal{}, account, "us-east-1", "logs:PutLogEvents", "*") {
		t.Error("a function without a role may do something")
	}
	if !slices.IsSorted(access.ContextKeys()) {
		t.Error("the keys are not sorted")
	}
}
