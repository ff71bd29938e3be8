package cli

import (
	"errors"
	"time"

	"github.com/roomcast/roomcast/internal/local"
	"github.com/roomcast/roomcast/internal/local/faults"
	"github.com/roomcast/roomcast/internal/site"
)

// Running is a stack that runs on this machine.
type Running struct {
	*local.Cloud
	Assembly Assembly
	Faults   *faults.Injector // nil without --faults
	Took     time.Duration    // from the start of the command until the stack was ready

	page bool                                          // the demo page is served
	mint func(userID string) (token string, err error) // nil if the page needs no token
}

// Close ends the run and removes what was made for it.
func (r *Running) Close() error {
	var err error
	if r.Cloud != nil {
		err = r.Cloud.Close()
	}
	return errors.Join(err, r.Assembly.Remove())
}

// Serve connects a site to the stack that runs behind it. page says whether the
// site has the demo page.
func (r *Running) Serve(s *site.Site, page bool) {
	apis := r.APIs()
	if len(apis) == 0 {
		return
	}
	r.page, r.mint = page, r.minter()
	stack := site.Stack{WebSocketURL: apis[0].WebSocketURL, Mint: r.mint}
	if r.mint == nil && apis[0].Guarded {
		stack.Mint = func(string) (string, error) { return "", errForeignTokens }
	}
	s.SetStack(stack)
}

// SiteURL returns the URL of the demo page, "" if it is not served.
func (r *Running) SiteURL() string {
	if apis := r.APIs(); r.page && len(apis) > 0 {
		return Origin(apis[0]) + "/"
	}
	return ""
}

// TokenURL returns the URL of tokens, to which the name of the user is
// appended. It is "" if the run makes no tokens.
func (r *Running) TokenURL() string {
	if apis := r.APIs(); r.mint != nil && len(apis) > 0 {
		return Origin(apis[0]) + site.TokenPath + "?userId="
	}
	return ""
}

// UsageURL returns the URL of the run's usage, "" if the stack has no API.
func (r *Running) UsageURL() string {
	if apis := r.APIs(); len(apis) > 0 {
		return Origin(apis[0]) + "/_roomcast/usage"
	}
	return ""
}

// Origin returns the origin of an API's port, without a slash at the end.
func Origin(api local.API) string {
	return api.CallbackURL[:len(api.CallbackURL)-len("/"+api.Stage)]
}
