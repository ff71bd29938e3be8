package awsendpoint

import (
	"fmt"
	"mime"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/roomcast/roomcast/internal/local/secrets"
	"github.com/roomcast/roomcast/internal/strictjson"
)

// targets has the prefixes of X-Amz-Target for each service.
var targets = map[string][]string{
	"dynamodb":             {"DynamoDB_20120810", "DynamoDBStreams_20120810"},
	"sqs":                  {"AmazonSQS"},
	secrets.SecretsManager: {"secretsmanager"},
	secrets.SSM:            {"AmazonSSM"},
}

// maxDepth is the maximum nesting of a request: DynamoDB's 32 levels of attributes,
// which take two levels of JSON each, in a batch of writes.
const maxDepth = 80

// operationName matches names of operations.
var operationName = regexp.MustCompile(`^[A-Z][A-Za-z]+$`)

// operationOf returns the operation that a request calls. It refuses everything
// that this package and an engine could read differently: the engine must run what
// was authorized.
func operationOf(r *http.Request, service string, body []byte) (string, *refusal) {
	if r.Method != http.MethodPost || r.URL.EscapedPath() != "/" || r.URL.RawQuery != "" {
		return "", unknownOperation("expected POST / without a query, not " + r.Method + " " + r.URL.RequestURI())
	}
	if !isJSON(r.Header.Values("Content-Type")) {
		return "", unknownOperation(fmt.Sprintf("expected one Content-Type of application/x-amz-json-1.0 or 1.1, not %q", r.Header.Values("Content-Type")))
	}
	given := r.Header.Values("X-Amz-Target")
	if len(given) != 1 {
		return "", unknownOperation(fmt.Sprintf("expected one X-Amz-Target, not %q", given))
	}
	prefix, operation, _ := strings.Cut(given[0], ".")
	if !slices.Contains(targets[service], prefix) || !operationName.MatchString(operation) {
		return "", unknownOperation(fmt.Sprintf("expected an X-Amz-Target such as %s.<operation>, not %q", targets[service][0], given[0]))
	}
	if err := strictjson.CheckObject(body, maxDepth); err != nil {
		return "", serialization(err)
	}
	return operation, nil
}

func unknownOperation(message string) *refusal {
	return &refusal{http.StatusBadRequest, "UnknownOperationException", message}
}

// serialization is the refusal of a body that is not JSON, or that has a value of
// the wrong type.
func serialization(err error) *refusal {
	return &refusal{http.StatusBadRequest, "SerializationException", "The request body is not understood: " + err.Error()}
}

func validation(message string) *refusal {
	return &refusal{http.StatusBadRequest, "ValidationException", message}
}

// isJSON reports whether there is one Content-Type, and it is JSON.
func isJSON(values []string) bool {
	if len(values) != 1 {
		return false
	}
	kind, _, err := mime.ParseMediaType(values[0])
	return err == nil && (kind == "application/x-amz-json-1.0" || kind == "application/x-amz-json-1.1" || kind == "application/json")
}

// isQueryProtocol reports whether a request is in AWS's older protocol: parameters
// in a form.
func isQueryProtocol(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded")
}
