package functions

import (
	"context"
	"fmt"
	"net/http"

	"github.com/roomcast/roomcast/internal/local/faults"
)

// InvokeError is Lambda's refusal to run a function. There was no invocation.
type InvokeError struct {
	// Status is the HTTP status of the answer.
	Status int
	// Code is the name of the exception, such as TooManyRequestsException.
	Code string
	// Reason describes a throttle, such as
	// ReservedFunctionConcurrentInvocationLimitExceeded; else "".
	Reason string
	// Message is the exception's message.
	Message string
}

// Error returns the exception and its message.
func (e *InvokeError) Error() string {
	text := fmt.Sprintf("%s: %s", e.Code, e.Message)
	if e.Reason != "" {
		text += " (" + e.Reason + ")"
	}
	return text
}

// Throttled reports whether the invocation may succeed later.
func (e *InvokeError) Throttled() bool { return e.Status == http.StatusTooManyRequests }

// throttled returns the refusal of an invocation above the reserved concurrency.
// https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors
func throttled() error {
	return &InvokeError{
		Status: http.StatusTooManyRequests, Code: "TooManyRequestsException",
		Reason: "ReservedFunctionConcurrentInvocationLimitExceeded", Message: "Rate Exceeded.",
	}
}

// injected returns the refusal of a fault.
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

// Invoke runs the function once and waits for the result. Failures in the function
// are a Result with FunctionError. An error means that there is no result: Lambda
// refused to run the function (an [InvokeError]), the event is too large, the
// function was closed, or ctx ended first. A running handler continues after ctx
// has ended, as on AWS.
func (f *Function) Invoke(ctx context.Context, payload []byte) (Result, error) {
	if len(payload) > MaxPayload {
		return Result{}, fmt.Errorf("functions: invalid event for %s: %d bytes, expected at most %d", f.config.Name, len(payload), MaxPayload)
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
