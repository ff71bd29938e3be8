package functions

import (
	"context"
	"fmt"
	"net/http"

	"github.com/roomcast/roomcast/internal/local/faults"
)

// InvokeError is Lambda's refusal to run a function: there was no invocation.
type InvokeError struct {
	// Status is the HTTP status of the answer.
	Status int
	// Code is the name of the exception, such as TooManyRequestsException.
	Code string
	// Reason says more about a throttle, such as
	// ReservedFunctionConcurrentInvocationLimitExceeded; else "".
	Reason string
	// Message is the exception's text.
	Message string
}

// Error gives the exception and its message.
func (e *InvokeError) Error() string {
	text := fmt.Sprintf("%s: %s", e.Code, e.Message)
	if e.Reason != "" {
		text += " (" + e.Reason + ")"
	}
	return text
}

// Throttled says that the invocation may succeed later.
func (e *InvokeError) Throttled() bool { return e.Status == http.StatusTooManyRequests }

// throttled refuses an invocation beyond the reserved concurrency.
// https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors
func throttled() error {
	return &InvokeError{
		Status: http.StatusTooManyRequests, Code: "TooManyRequestsException",
		Reason: "ReservedFunctionConcurrentInvocationLimitExceeded", Message: "Rate Exceeded.",
	}
}

// injected is the refusal that a fault stands for.
func injected(f faults.Fault) error {
	e := &InvokeError{Status: f.Status, Code: f.Code, Message: f.Message}
	switch {
	case e.Code != "":
	case e.Throttled():
		e.Code = "TooManyRequestsException"
	default:
		e.Code = "ServiceException"
	}
	return e
}

// Invoke runs the function once and waits for its answer. What goes wrong in
// the function is a Result with FunctionError. An error means that there is
// no answer: Lambda refused to run the function (an [InvokeError]), the event
// is too large, the function was closed, or ctx ended first; in that case a
// handler that has begun goes on, as on AWS.
func (f *Function) Invoke(ctx context.Context, payload []byte) (Result, error) {
	if len(payload) > MaxPayload {
		return Result{}, fmt.Errorf("functions: the event for %s has %d bytes, the most are %d", f.config.Name, len(payload), MaxPayload)
	}
	fault := f.config.Faults.At(faults.Point{
		Service: "lambda", Operation: "Invoke", Function: f.config.Label, Resource: f.config.Name,
	})
	if !faults.Sleep(ctx, fault.Latency) {
		return Result{}, fmt.Errorf("functions: invoke %s: %w", f.config.Name, ctx.Err())
	}
	if fault.Status != 0 {
		return Result{}, injected(fault)
	}
	return f.run(ctx, newInvocation(payload, fault))
}

func (f *Function) run(ctx context.Context, inv *invocation) (Result, error) {
	if err := f.submit(inv); err != nil {
		return Result{}, err
	}
	select {
	case answer := <-inv.answered:
		return answer.result, answer.err
	case <-ctx.Done():
		f.withdraw(inv)
		return Result{}, fmt.Errorf("functions: invoke %s: %w", f.config.Name, ctx.Err())
	}
}
