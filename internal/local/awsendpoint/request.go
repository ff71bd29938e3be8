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

// targets are what X-Amz-Target begins with in the requests of each service.
var targets = map[string][]string{
	"dynamodb":             {"DynamoDB_20120810", "DynamoDBStreams_20120810"},
	"sqs":                  {"AmazonSQS"},
	secrets.SecretsManager: {"secretsmanager"},
	secrets.SSM:            {"AmazonSSM"},
}

// maxDepth is how deep a request may be nested: DynamoDB's 32 levels of
// attributes, each of which takes two of JSON, in a batch of writes.
const maxDepth = 80

// operationName is what the names of operations look like.
var operationName = regexp.MustCompile(`^[A-Z][A-Za-z]+$`)

// operationOf reads which operation of a service a request calls. It refuses
// whatever this package and an engine could understand differently: what is
// judged has to be what the engine runs.
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

// serialization is the refusal of a body that is not JSON, or that has a value
// of another type than the operation takes.
func serialization(err error) *refusal {
	return &refusal{http.StatusBadRequest, "SerializationException", "The request body is not understood: " + err.Error()}
}

func validation(message string) *refusal {
	return &refusal{http.StatusBadRequest, "ValidationException", message}
}

// isJSON reports whether the values of Content-Type are one that says JSON.
func isJSON(values []string) bool {
	if len(values) != 1 {
		return false
	}
	kind, _, err := mime.ParseMediaType(values[0])
	return err == nil && (kind == "application/x-amz-json-1.0" || kind == "application/x-amz-json-1.1" || kind == "application/json")
}

// isQueryProtocol tells AWS's older protocol, parameters in a form, from JSON.
func isQueryProtocol(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded")
}
