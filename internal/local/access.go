package local

import (
	"net/http"
	"strings"

	"github.com/roomcast/roomcast/internal/local/access"
	"github.com/roomcast/roomcast/internal/local/functions"
	"github.com/roomcast/roomcast/internal/local/gateway"
	"github.com/roomcast/roomcast/internal/local/plan"
)

// Credentials returns administrator credentials: they permit every call at Endpoint
// and every API's @connections. Each cloud generates its own.
func (c *Cloud) Credentials() access.Credentials { return c.admin }

// openKeys registers the cloud's own credentials. Those of functions follow when
// the functions are created.
func (c *Cloud) openKeys() {
	c.keys = access.New(access.Options{AccountID: plan.Account, Region: plan.Region, Off: c.options.DisableIAM})
	c.keys.Add(c.admin, access.Principal{Administrator: true})
}

// admit registers a function's credentials with its role.
func (c *Cloud) admit(f *plan.Function, own functions.Credentials) {
	c.keys.Add(access.Credentials{
		AccessKeyID: own.AccessKeyID, SecretAccessKey: own.SecretAccessKey, SessionToken: own.SessionToken,
	}, f.Principal())
}

// logging returns the function's logging configuration, limited by its role's
// permissions.
func (c *Cloud) logging(f *plan.Function) functions.Logging {
	logging := functions.Logging{
		JSON: f.Logging.JSON, Level: f.Logging.Level, SystemLevel: f.Logging.SystemLevel, Group: f.Logging.Group,
	}
	if !c.options.DisableIAM && !c.plan.MayLog(f) {
		logging.Denied = true
		c.options.Logs("aws", "the log lines of "+f.Label+" are dropped: its role lacks the permission to write to its log group (logs:CreateLogStream, logs:PutLogEvents)")
	}
	return logging
}

// authorize authorizes a request to an API for its gateway.
func (c *Cloud) authorize(r *http.Request, body []byte, action, resource string) (string, *gateway.Denial) {
	caller, denial := c.keys.Authenticate(r, body, "execute-api")
	if denial == nil {
		denial = caller.May(action, resource, nil)
	}
	if denial != nil {
		c.options.Logs("aws", "refused: "+denial.Code+": "+denial.Message)
		return "", &gateway.Denial{
			Status: http.StatusForbidden,
			Type:   denial.Code,
			// API Gateway does not show the whole account ID.
			Message: strings.ReplaceAll(denial.Message, resource, strings.Replace(resource, ":"+plan.Account+":", ":"+masked+":", 1)),
		}
	}
	return caller.Function(), nil
}

// masked is the account ID as API Gateway shows it in a refusal.
var masked = strings.Repeat("*", len(plan.Account)-4) + plan.Account[len(plan.Account)-4:]
