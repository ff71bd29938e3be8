package access_test

import (
	"testing"

	"github.com/roomcast/roomcast/internal/local/access"
	"github.com/roomcast/roomcast/internal/local/iam"
)

// BenchmarkAuthorize measures the authorization of a function's @connections
// request.
func BenchmarkAuthorize(b *testing.B) {
	policy, err := iam.Parse([]byte(`{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Action":["dynamodb:GetItem","dynamodb:Query"],"Resource":"arn:aws:dynamodb:us-east-1:000000000000:table/Chat"},
		{"Effect":"Allow","Action":"execute-api:ManageConnections","Resource":"arn:aws:execute-api:us-east-1:000000000000:abc/prod/POST/@connections/*"}]}`))
	if err != nil {
		b.Fatal(err)
	}
	k, own := keys(false), access.NewCredentials()
	k.Add(own, access.Principal{Function: "Send", Role: access.Role{Policies: iam.Policies{policy}}})
	r := signed(b, own, "execute-api", "us-east-1", 0)
	b.ReportAllocs()
	for b.Loop() {
		caller, denial := k.Authenticate(r, nil, "execute-api")
		if denial == nil {
			denial = caller.May("execute-api:ManageConnections", "arn:aws:execute-api:us-east-1:000000000000:abc/prod/POST/@connections/abc=", nil)
		}
		if denial != nil {
			b.Fatal(denial)
		}
	}
}
