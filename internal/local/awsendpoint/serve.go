package awsendpoint

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/roomcast/roomcast/internal/local/access"
	"github.com/roomcast/roomcast/internal/local/faults"
)

// maxBody is the largest request body: DynamoDB's limit, the largest of all
// services.
const maxBody = 16 << 20

// ServeHTTP forwards a call to its service's engine or to the secret store, or
// refuses it.
func (ep *Endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if len(r.Header.Values("Origin")) > 0 { // browsers send it, SDKs do not
		refusal{http.StatusForbidden, access.AccessDenied, "The local cloud does not answer web pages."}.write(w, r, serviceOf(r))
		return
	}
	if strings.HasPrefix(r.URL.Path, relayPath) {
		ep.relay(w, r)
		return
	}
	body, err := readBody(r)
	if err != nil {
		return // the caller has disconnected
	}
	if len(body) > maxBody {
		refusal{http.StatusRequestEntityTooLarge, "RequestEntityTooLargeException", "Request must be smaller than 16 MB."}.write(w, r, serviceOf(r))
		return
	}
	c, e := ep.admit(r, body)
	if c.form != "" {
		answer := &formAnswer{ResponseWriter: w, operation: c.form}
		defer answer.end()
		w = answer
	}
	if e != nil {
		e.write(w, r, c.service)
		return
	}
	ep.serve(c, w, r)
}

// serve runs an authorized call, possibly with a fault.
func (ep *Endpoint) serve(c call, w http.ResponseWriter, r *http.Request) {
	fault := ep.fault(c)
	if fault != (faults.Fault{}) {
		ep.runFaulty(c, fault, w, r)
		return
	}
	ep.run(c, w, r)
}

func readBody(r *http.Request) ([]byte, error) {
	var b bytes.Buffer
	if r.ContentLength > 0 {
		b.Grow(int(min(r.ContentLength, maxBody)) + bytes.MinRead)
	}
	_, err := b.ReadFrom(io.LimitReader(r.Body, maxBody+1))
	return b.Bytes(), err
}

// admit identifies the caller and the operation, and checks the permissions. The
// returned call has its service even if it is refused.
func (ep *Endpoint) admit(r *http.Request, body []byte) (call, *refusal) {
	caller, denial := ep.config.Keys.Authenticate(r, body, "")
	if denial != nil {
		c := call{service: serviceOf(r)}
		ep.config.Logger.Warn("refused a call", "service", c.service, "error", denial.Code+": "+denial.Message)
		return c, refuse(c.service, denial)
	}
	c := call{service: caller.Service(), function: caller.Function(), body: body}
	if c.service == "" { // unsigned, with IAM off
		c.service = serviceOf(r)
	}
	engine, ok := ep.engines[c.service]
	if !ok && !ep.hasSecrets(c.service) {
		e := ep.notEmulated(c)
		ep.config.Logger.Warn(e.message)
		return c, e
	}
	c.engine = engine
	if c.service == "sqs" && isQueryProtocol(r) {
		if e := ep.readForm(&c, r); e != nil {
			return c, e
		}
	}
	if e := ep.describe(&c, r); e != nil {
		ep.config.Logger.Warn("refused a call", "service", c.service, "function", c.function, "error", e.code+": "+e.message)
		return c, e
	}
	for _, n := range c.needs {
		if denial := n.check(caller); denial != nil {
			ep.config.Logger.Warn("refused a call", "service", c.service, "function", c.function, "error", denial.Code+": "+denial.Message)
			return c, refuse(c.service, denial)
		}
	}
	if c.repeatsKey {
		return c, repeatedKey()
	}
	return c, nil
}

// serviceOf guesses the service of a request without a valid signature by its
// operation.
func serviceOf(r *http.Request) string {
	target := r.Header.Get("X-Amz-Target")
	for prefix, service := range map[string]string{
		"DynamoDB_": "dynamodb", "DynamoDBStreams_": "dynamodb", "AmazonSQS.": "sqs",
		"secretsmanager.": "secretsmanager", "AmazonSSM.": "ssm",
	} {
		if strings.HasPrefix(target, prefix) {
			return service
		}
	}
	return ""
}

func (ep *Endpoint) notEmulated(c call) *refusal {
	who := "the caller"
	if c.function != "" {
		who = "function " + c.function
	}
	return &refusal{http.StatusNotImplemented, "NotImplemented", fmt.Sprintf(
		"%s called AWS service %q, which the local cloud does not emulate (it has %s)",
		who, c.service, strings.Join(ep.names, ", "))}
}

// run sends the call to its engine and answers it.
func (ep *Endpoint) run(c call, w http.ResponseWriter, r *http.Request) {
	if err := ep.forward(c, w, r); err != nil {
		ep.failed(c, err, w, r)
	}
}

// failed answers for an engine that does not respond.
func (ep *Endpoint) failed(c call, err error, w http.ResponseWriter, r *http.Request) {
	ep.config.Logger.Warn("a call to an engine failed", "service", c.service, "function", c.function, "error", err)
	refusal{http.StatusServiceUnavailable, "ServiceUnavailable",
		fmt.Sprintf("the local engine for %s does not respond: %v", c.service, err)}.write(w, r, c.service)
}
