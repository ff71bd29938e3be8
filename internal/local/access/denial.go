package access

import "github.com/roomcast/roomcast/internal/local/sigv4"

// AccessDenied is the code when a caller is who they say and may not do what
// they want. The codes of signatures are those of package sigv4.
const AccessDenied = "AccessDeniedException"

// Denial is why a request is refused.
type Denial struct {
	// Code is AWS's name of the error, such as "AccessDeniedException".
	Code string
	// Message is AWS's wording.
	Message string
}

// denied is the denial for an error of package sigv4.
func denied(err error) *Denial {
	if e := sigv4.As(err); e != nil {
		return &Denial{Code: e.Code, Message: e.Message}
	}
	return &Denial{Code: sigv4.Incomplete, Message: err.Error()}
}
