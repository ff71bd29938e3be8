package iam

import (
	"strings"
	"testing"
)

const (
	table = "arn:aws:dynamodb:us-east-1:000000000000:table/Chat"
	queue = "arn:aws:sqs:us-east-1:000000000000:jobs"
)

// allow is a policy of one statement that allows, with the given elements.
func allow(elements string) string { return policyOf(`"Effect":"Allow",` + elements) }

func policyOf(statements ...string) string {
	return `{"Version":"2012-10-17","Statement":[{` + strings.Join(statements, `},{`) + `}]}`
}

func parsed(t testing.TB, documents ...string) Policies {
	t.Helper()
	var all Policies
	for _, d := range documents {
		p, err := Parse([]byte(d))
		if err != nil {
			t.Fatalf("%v\n%s", err, d)
		}
		all = append(all, p)
	}
	return all
}

func TestDecide(t *testing.T) {
	t.Parallel()
	put := Request{Action: "dynamodb:PutItem", Resource: table}
	for _, c := range []struct {
		name     string
		policies []string
		request  Request
		want     Decision
	}{
		{"no policy", nil, put, ImplicitDeny},
		{"no statement", []string{`{"Version":"2012-10-17","Statement":[]}`}, put, ImplicitDeny},
		{"exact", []string{allow(`"Action":"dynamodb:PutItem","Resource":"` + table + `"`)}, put, Allow},
		{"one of several", []string{allow(`"Action":["dynamodb:GetItem","dynamodb:PutItem"],"Resource":["` + queue + `","` + table + `"]`)}, put, Allow},
		{"a statement without a list", []string{`{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`}, put, Allow},
		{"another action", []string{allow(`"Action":"dynamodb:GetItem","Resource":"*"`)}, put, ImplicitDeny},
		{"another service", []string{allow(`"Action":"sqs:*","Resource":"*"`)}, put, ImplicitDeny},
		{"another resource", []string{allow(`"Action":"dynamodb:*","Resource":"` + table + `2"`)}, put, ImplicitDeny},
		{"a resource below it", []string{allow(`"Action":"dynamodb:*","Resource":"` + table + `/index/*"`)}, put, ImplicitDeny},
		{"actions in any case", []string{allow(`"Action":"DynamoDB:putitem","Resource":"*"`)}, put, Allow},
		{"resources in theirs only", []string{allow(`"Action":"*","Resource":"arn:aws:dynamodb:us-east-1:000000000000:table/chat"`)}, put, ImplicitDeny},
		{"wildcard in an action", []string{allow(`"Action":"dynamodb:P*I?em","Resource":"*"`)}, put, Allow},
		{"wildcard of one character", []string{allow(`"Action":"*","Resource":"arn:aws:dynamodb:us-east-1:000000000000:table/Ch?t"`)}, put, Allow},
		{"wildcard in parts of an ARN", []string{allow(`"Action":"*","Resource":"arn:aws:dynamodb:*:*:table/*"`)}, put, Allow},
		{"an ARN cut short", []string{allow(`"Action":"*","Resource":"arn:aws:dynamodb"`)}, put, Allow},
		{"another ARN cut short", []string{allow(`"Action":"*","Resource":"arn:aws:sqs"`)}, put, ImplicitDeny},
		{"a deny wins", []string{allow(`"Action":"*","Resource":"*"`), policyOf(`"Effect":"Deny","Action":"dynamodb:PutItem","Resource":"*"`)}, put, ExplicitDeny},
		{"also before the allow", []string{policyOf(`"Effect":"Deny","Action":"dynamodb:PutItem","Resource":"*"`, `"Effect":"Allow","Action":"*","Resource":"*"`)}, put, ExplicitDeny},
		{"a deny of something else", []string{policyOf(`"Effect":"Deny","Action":"dynamodb:PutItem","Resource":"`+queue+`"`, `"Effect":"Allow","Action":"*","Resource":"*"`)}, put, Allow},
		{"all but another action", []string{allow(`"NotAction":"iam:*","Resource":"*"`)}, put, Allow},
		{"all but this action", []string{allow(`"NotAction":["sqs:*","dynamodb:Put*"],"Resource":"*"`)}, put, ImplicitDeny},
		{"all but another resource", []string{allow(`"Action":"*","NotResource":"` + queue + `"`)}, put, Allow},
		{"all but this resource", []string{allow(`"Action":"*","NotResource":["` + queue + `","arn:aws:dynamodb:*:*:table/*"]`)}, put, ImplicitDeny},
		{"a deny of all but some", []string{allow(`"Action":"*","Resource":"*"`), policyOf(`"Effect":"Deny","NotAction":"sqs:*","Resource":"*"`)}, put, ExplicitDeny},
		{"a call about nothing in particular", []string{allow(`"Action":"sqs:ListQueues","Resource":"*"`)}, Request{Action: "sqs:ListQueues", Resource: "*"}, Allow},
		{"one that a resource does not grant", []string{allow(`"Action":"sqs:ListQueues","Resource":"` + queue + `"`)}, Request{Action: "sqs:ListQueues", Resource: "*"}, ImplicitDeny},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := parsed(t, c.policies...).Decide(c.request); got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

// Examples of AWS's documentation: IAM policies for DynamoDB ("Using IAM policy
// conditions for fine-grained access control", "Using IAM with transactions"),
// for SQS and for @connections, and of the IAM user guide.
func TestExamplesOfAWS(t *testing.T) {
	t.Parallel()
	const gameScores = "arn:aws:dynamodb:us-west-2:123456789012:table/GameScores"
	leading := policyOf(`"Sid":"AllowAccessToOnlyItemsMatchingUserID","Effect":"Allow",
		"Action":["dynamodb:GetItem","dynamodb:BatchGetItem","dynamodb:Query","dynamodb:PutItem"],"Resource":["` + gameScores + `"],
		"Condition":{"ForAllValues:StringEquals":{"dynamodb:LeadingKeys":["${www.amazon.com:user_id}"],"dynamodb:Attributes":["UserId","GameTitle"]},
			"StringEqualsIfExists":{"dynamodb:Select":"SPECIFIC_ATTRIBUTES"}}`)
	transactions := policyOf(
		`"Effect":"Deny","Action":["dynamodb:ConditionCheckItem","dynamodb:PutItem"],"Resource":["arn:aws:dynamodb:*:*:table/table04"],
			"Condition":{"ForAnyValue:StringEquals":{"dynamodb:EnclosingOperation":["TransactWriteItems","TransactGetItems"]}}`,
		`"Effect":"Allow","Action":["dynamodb:PutItem"],"Resource":["arn:aws:dynamodb:*:*:table/table04"]`)
	connections := allow(`"Action":["execute-api:ManageConnections"],
		"Resource":["arn:aws:execute-api:us-east-1:account-id:api-id/stage-name/POST/@connections/*"]`)
	secure := policyOf(`"Effect":"Deny","Action":"sqs:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}`,
		`"Effect":"Allow","Action":"sqs:SendMessage","Resource":"arn:aws:sqs:us-east-2:444455556666:queue1"`)
	home := allow(`"Action":["s3:GetObject"],"Resource":"arn:aws:s3:::amzn-s3-demo-bucket/home/${aws:username}/*"`)
	region := policyOf(`"Sid":"DenyAllOutsideRequestedRegions","Effect":"Deny","NotAction":["cloudfront:*","iam:*","route53:*","support:*"],"Resource":"*",
		"Condition":{"StringNotEquals":{"aws:RequestedRegion":["eu-central-1","eu-west-1"]}}`, `"Effect":"Allow","Action":"*","Resource":"*"`)
	dates := allow(`"Action":"service-prefix:action-name","Resource":"*",
		"Condition":{"DateGreaterThan":{"aws:CurrentTime":"2020-04-01T00:00:00Z"},"DateLessThan":{"aws:CurrentTime":"2020-06-30T23:59:59Z"}}`)

	owner := Context{"www.amazon.com:user_id": {"alice"}, "dynamodb:leadingkeys": {"alice"}, "dynamodb:attributes": {"UserId"}}
	for _, c := range []struct {
		name, policy, action, resource string
		context                        Context
		want                           Decision
	}{
		{"own items", leading, "dynamodb:Query", gameScores, owner, Allow},
		{"another's items", leading, "dynamodb:Query", gameScores, Context{"www.amazon.com:user_id": {"alice"}, "dynamodb:leadingkeys": {"alice", "bob"}}, ImplicitDeny},
		{"other attributes", leading, "dynamodb:Query", gameScores, with(owner, "dynamodb:attributes", "UserId", "Wins"), ImplicitDeny},
		{"all attributes", leading, "dynamodb:Query", gameScores, with(owner, "dynamodb:select", "ALL_ATTRIBUTES"), ImplicitDeny},
		{"a scan", leading, "dynamodb:Scan", gameScores, owner, ImplicitDeny},
		{"outside a transaction", transactions, "dynamodb:PutItem", "arn:aws:dynamodb:a:b:table/table04", nil, Allow},
		{"inside a transaction", transactions, "dynamodb:PutItem", "arn:aws:dynamodb:a:b:table/table04", Context{"dynamodb:enclosingoperation": {"TransactWriteItems"}}, ExplicitDeny},
		{"post to a connection", connections, "execute-api:ManageConnections", "arn:aws:execute-api:us-east-1:account-id:api-id/stage-name/POST/@connections/abc=", nil, Allow},
		{"delete a connection", connections, "execute-api:ManageConnections", "arn:aws:execute-api:us-east-1:account-id:api-id/stage-name/DELETE/@connections/abc=", nil, ImplicitDeny},
		{"over TLS", secure, "sqs:SendMessage", "arn:aws:sqs:us-east-2:444455556666:queue1", Context{"aws:securetransport": {"true"}}, Allow},
		{"without TLS", secure, "sqs:SendMessage", "arn:aws:sqs:us-east-2:444455556666:queue1", Context{"aws:securetransport": {"false"}}, ExplicitDeny},
		{"at home", home, "s3:GetObject", "arn:aws:s3:::amzn-s3-demo-bucket/home/bob/a/b", Context{"aws:username": {"bob"}}, Allow},
		{"at another's", home, "s3:GetObject", "arn:aws:s3:::amzn-s3-demo-bucket/home/eve/a", Context{"aws:username": {"bob"}}, ImplicitDeny},
		{"nobody's home", home, "s3:GetObject", "arn:aws:s3:::amzn-s3-demo-bucket/home//a", nil, ImplicitDeny},
		{"a wildcard for a name", home, "s3:GetObject", "arn:aws:s3:::amzn-s3-demo-bucket/home/eve/a", Context{"aws:username": {"*"}}, ImplicitDeny},
		{"in the region", region, "ec2:RunInstances", "*", Context{"aws:requestedregion": {"eu-west-1"}}, Allow},
		{"in another region", region, "ec2:RunInstances", "*", Context{"aws:requestedregion": {"us-east-1"}}, ExplicitDeny},
		{"of a global service", region, "iam:CreateUser", "*", Context{"aws:requestedregion": {"us-east-1"}}, Allow},
		{"in time", dates, "service-prefix:action-name", "*", Context{"aws:currenttime": {"2020-05-01T12:00:00Z"}}, Allow},
		{"too late", dates, "service-prefix:action-name", "*", Context{"aws:currenttime": {"2020-07-01T00:00:00Z"}}, ImplicitDeny},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := parsed(t, c.policy).Decide(Request{c.action, c.resource, c.context}); got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

// with is a context with a key more.
func with(c Context, key string, values ...string) Context {
	more := Context{key: values}
	for k, v := range c {
		if _, ok := more[k]; !ok {
			more[k] = v
		}
	}
	return more
}

func TestMatchARN(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pattern, arn string
		want         bool
	}{
		{table, table, true},
		{"arn:aws:dynamodb:*:*:table/*", table, true},
		{"arn:aws:dynamodb:us-east-?:*:table/Ch*t", table, true},
		{"arn:aws:*", table, false},
		{"*", table, false},
		{"arn:*:*:*:*:*", "arn:aws:logs:r:a:log-group:x:*", true},
		{"arn:aws:logs:*:log-group:x", "arn:aws:logs:r:a:log-group:x", false},
	} {
		if got := MatchARN(c.pattern, c.arn); got != c.want {
			t.Errorf("MatchARN(%q, %q) is %v", c.pattern, c.arn, got)
		}
	}
}
