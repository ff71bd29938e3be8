package fanout

import "fmt"

// lostError is the error if not every member got every message once.
type lostError struct{ size Size }

// Error implements error.
func (e *lostError) Error() string {
	return fmt.Sprintf("bench fanout: with %d members, %d deliveries are missing and %d are doubled", e.size.Members, e.size.Missing, e.size.Doubled)
}
