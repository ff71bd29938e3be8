// Package authorizer handles the authorizer of $connect, and the route refresh:
// the one function that may read the secret of tokens does both. The tokens'
// claims decide about permissions.
package authorizer

import (
	"github.com/roomcast/roomcast/internal/authorizer"
	"github.com/roomcast/roomcast/internal/realtime"
	"github.com/roomcast/roomcast/internal/token"
)

// Needs are the parts that it needs.
const Needs = authorizer.Needs

// New returns the handler.
func New(tokens *token.Verifier, s *realtime.Service) any {
	return authorizer.New(tokens, s, nil).Handle
}
