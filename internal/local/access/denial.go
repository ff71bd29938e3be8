package access

import "github.com/roomcast/roomcast/internal/local/sigv4"

// AccessDenied is the code for an authenticated caller without the permission.
// Codes about signatures are in package sigv4.
const AccessDenied = "AccessDeniedException"

// Denial is the reason for refusing a request.
type Denial struct {
	// Code is AWS's error name, such as "AccessDeniedException".
	Code string
	// Message is AWS's message.
	Message string
}

// denied returns the denial for an error of package sigv4.
func denied(err error) *Denial {
	if e := sigv4.As(err); e != nil {
		return &Denial{Code: e.Code, Message: e.Message}
	}
	return &Denial{Code: sigv4.Incomplete, Message: err.Error()}
}
