package gateway

import "net/http"

// IAM actions that callers of the gateway need.
const (
	// ActionManageConnections is needed for every @connections request.
	ActionManageConnections = "execute-api:ManageConnections"
	// ActionInvoke is needed for a handshake on a $connect route with IAM
	// authorization.
	ActionInvoke = "execute-api:Invoke"
)

// AuthorizeFunc checks a request's signature, and whether its signer may perform
// the action on the resource, an ARN. body is the whole body. It returns the name
// of the calling function, "" for other callers, or the reason for a refusal.
type AuthorizeFunc func(r *http.Request, body []byte, action, resource string) (caller string, denied *Denial)

// A Denial is the answer to a request that is not authorized.
type Denial struct {
	// Status is the answer's HTTP status, 403 for nearly all.
	Status int
	// Type is the error's name, such as "AccessDeniedException". It is sent in the
	// header X-Amzn-ErrorType.
	Type string
	// Message is the error's message.
	Message string
}

// authorize calls the configured Authorize. Without one, every request is allowed.
func (g *Gateway) authorize(r *http.Request, body []byte, action, path string) (caller string, denied *Denial) {
	if g.cfg.Authorize == nil {
		return "", nil
	}
	return g.cfg.Authorize(r, body, action, g.arn(path))
}

// arn returns the ARN of a part of the stage, such as "POST/@connections/abc=" or
// "$connect".
func (g *Gateway) arn(path string) string {
	return "arn:aws:execute-api:" + g.cfg.Region + ":" + g.cfg.AccountID + ":" + g.cfg.APIID + "/" + g.cfg.Stage + "/" + path
}
