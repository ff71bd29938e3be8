package faults

import "net/http"

// answer is an error of a service.
type answer struct {
	status        int
	code, message string
}

// throttled has each service's error for throttled calls.
func throttled(service string) answer {
	switch service {
	case "dynamodb":
		return answer{http.StatusBadRequest, "ProvisionedThroughputExceededException",
			"The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API."}
	case "sqs":
		return answer{http.StatusBadRequest, "RequestThrottled", "The request was denied due to request throttling."}
	case "jwks":
		return answer{http.StatusTooManyRequests, "TooManyRequests", "Too many requests"}
	case "execute-api":
		return answer{http.StatusTooManyRequests, "LimitExceededException", "Rate exceeded"}
	case "lambda":
		return answer{http.StatusTooManyRequests, "TooManyRequestsException", "Rate Exceeded."}
	}
	return answer{http.StatusBadRequest, "ThrottlingException", "Rate exceeded"}
}

// failed has each service's error for a status.
func failed(service string, status int) answer {
	a := answer{status: status, code: "ServiceUnavailable", message: "Service is unable to handle request."}
	switch {
	case status == http.StatusGone:
		a.code, a.message = "GoneException", ""
	case status < http.StatusInternalServerError:
		a.code, a.message = "ValidationException", "An injected fault refused the request."
	case status == http.StatusServiceUnavailable:
	case service == "dynamodb":
		a.code, a.message = "InternalServerError", "Internal server error"
	case service == "secretsmanager":
		a.code, a.message = "InternalServiceError", "An error occurred on the server side."
	case service == "ssm":
		a.code, a.message = "InternalServerError", "An error occurred on the server side."
	case service == "lambda":
		a.code, a.message = "ServiceException", "An error occurred and the request cannot be processed."
	case service == "execute-api":
		a.code, a.message = "InternalServerErrorException", "Internal server error"
	default:
		a.code, a.message = "InternalFailure", "The request processing has failed because of an unknown error, exception or failure."
	}
	return a
}

// fault returns the fault of the rule, without the random parts.
func (r *Rule) fault(p Point) Fault {
	f := Fault{
		Latency: r.Latency, Reset: r.Reset, After: r.After,
		Close: r.Gone, Drop: r.LostDisconnect, Kill: r.Kill,
		Duplicate: r.Duplicate, Late: r.Late, Undeleted: r.Undeleted,
		ApplyLate: r.ApplyLate, Partial: r.Partial, Lost: r.Lost,
		EarlyDisconnect: r.EarlyDisconnect, Freeze: r.Freeze, Clock: r.Clock,
	}
	var a answer
	switch {
	case r.Throttle:
		a = throttled(p.Service)
	case r.Gone || r.FalselyGone:
		a = failed(p.Service, http.StatusGone)
	case r.Status != 0:
		a = failed(p.Service, r.Status)
	}
	f.Status, f.Code, f.Message = a.status, a.code, a.message
	if r.Code != "" {
		f.Code = r.Code
	}
	if r.Message != "" {
		f.Message = r.Message
	}
	return f
}
