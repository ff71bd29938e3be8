package functions

import (
	"encoding/json"
	"fmt"
	"time"
)

// unhandled is the FunctionError of every failure in a custom runtime.
const unhandled = "Unhandled"

// failure returns the payload with which Lambda reports a failure.
type failure struct {
	Type    string `json:"errorType"`
	Message string `json:"errorMessage"`
}

func (f failure) payload() []byte {
	b, err := json.Marshal(f)
	if err != nil {
		panic(err) // strings always marshal
	}
	return b
}

func failed(errorType, requestID, what string) []byte {
	return failure{Type: errorType, Message: fmt.Sprintf("RequestId: %s Error: %s", requestID, what)}.payload()
}

func timedOut(requestID string, after time.Duration) []byte {
	return failed("Sandbox.Timedout", requestID, fmt.Sprintf("Task timed out after %.2f seconds", after.Seconds()))
}

// exited reports a process that has ended, with the error of its wait.
func exited(requestID string, err error) []byte {
	if err == nil {
		return failed("Runtime.ExitError", requestID, "Runtime exited without providing a reason")
	}
	return failed("Runtime.ExitError", requestID, "Runtime exited with error: "+err.Error())
}

func invalidEntrypoint(requestID string, err error) []byte {
	return failed("Runtime.InvalidEntrypoint", requestID, err.Error())
}

func responseTooLarge(requestID string) []byte {
	return failed("Function.ResponseSizeTooLarge", requestID,
		fmt.Sprintf("Response payload size exceeded maximum allowed payload size (%d bytes).", MaxPayload))
}
