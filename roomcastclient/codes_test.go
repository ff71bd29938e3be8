package roomcastclient_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/roomcast/roomcast/roomcastclient"
)

func TestCodeOf(t *testing.T) {
	t.Parallel()
	forbidden := &roomcastclient.Error{Code: roomcastclient.CodeForbidden}
	for name, c := range map[string]struct {
		err  error
		want roomcastclient.Code
	}{
		"nil":             {nil, ""},
		"another error":   {context.Canceled, ""},
		"an Error":        {forbidden, roomcastclient.CodeForbidden},
		"a wrapped Error": {fmt.Errorf("send: %w", forbidden), roomcastclient.CodeForbidden},
		"a joined Error":  {errors.Join(errors.New("first"), forbidden), roomcastclient.CodeForbidden},
		"a ConnectError":  {fmt.Errorf("start: %w", &roomcastclient.ConnectError{}), roomcastclient.CodeConnectFailed},
	} {
		if got := roomcastclient.CodeOf(c.err); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}
