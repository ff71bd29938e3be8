package realtime

import (
	"context"
	"errors"
	"time"
)

// Youth is the age below which a connection is not believed to be gone that
// was not heard of since it connected. API Gateway answers 410 until the
// function behind $connect has returned, which it has to within 29 seconds.
const Youth = 30 * time.Second

// errReaped says that a connection was gone and has been forgotten.
var errReaped = errors.New("the connection was gone and has been forgotten")

// isGone judges a post that was answered with ErrGone. A connection that is
// still being made, or that is there when asked for by its id, is not gone.
func (s *Service) isGone(ctx context.Context, m Member) bool {
	if !m.Established && s.now().Sub(m.ConnectedAt) < Youth {
		return false
	}
	return errors.Is(s.poster.Confirm(ctx, m.ConnectionID), ErrGone)
}

// reap forgets a connection that is gone and returns errReaped. If it cannot,
// that is logged: the next post to the connection will be answered the same.
func (s *Service) reap(ctx context.Context, m Member, at Membership) error {
	known := Connection{ID: m.ConnectionID, UserID: m.UserID}
	if at.RoomID != "" {
		known.Rooms = []Membership{at}
	}
	if _, _, err := s.forget(ctx, known); err != nil {
		s.logger.WarnContext(ctx, "could not forget a connection that is gone", "error", err)
	} else {
		s.logger.InfoContext(ctx, "forgot a connection that is gone", "connectionId", m.ConnectionID)
	}
	return errReaped
}
