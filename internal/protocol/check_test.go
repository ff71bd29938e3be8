package protocol

import (
	"errors"
	"strings"
	"testing"
)

func TestCheckFrame(t *testing.T) {
	t.Parallel()
	big := func(n int) string { return strings.Repeat("x", n) }
	for _, c := range []struct {
		frame string
		want  Code // "" for none
	}{
		{`{"action":"ping"}`, ""},
		{`{"action":"shout","fields":"any","clientId":"c1"}`, ""},
		{`{"action":"shout","text":"` + big(32<<10-28) + `"}`, ""},
		{`{"action":"shout","text":"` + big(32<<10-27) + `"}`, CodeMessageTooLarge},
		{`{"action":"shout","clientId":"` + big(65) + `"}`, CodeBadField},
		{`{"action":"shout","deep":` + strings.Repeat("[", 32) + strings.Repeat("]", 32) + `}`, CodeBadFrame},
		{`{"action":5}`, CodeBadFrame},
		{`[]`, CodeBadFrame},
		{``, CodeBadFrame},
		{`{"action":"sendMessage","message":""}`, CodeBadField},
		{`{"action":"sendMessage","message":"` + big(20_000) + `"}`, CodeMessageTooLarge},
		{`{"action":"join","roomId":"` + big(129) + `"}`, CodeBadField},
		{`{"action":"join","roomId":"a","since":3}`, CodeBadField},
		{`{"action":"leave"}`, CodeBadField},
		{`{"action":"history","limit":101}`, CodeBadField},
		{`{"action":"cursorMove","position":{"x":1}}`, CodeBadField},
		{`{"action":"notify","userId":"bob"}`, CodeBadField},
		{`{"action":"inbox","since":5}`, CodeBadField},
		{`{"action":"ackNotification","ids":[""]}`, CodeBadField},
		{`{"action":"presence","roomId":""}`, CodeBadField},
		{`{"action":"ping","heartbeat":601}`, CodeBadField},
		{`{"action":"refresh","token":""}`, CodeBadField},
	} {
		err := CheckFrame([]byte(c.frame))
		var refused *Error
		if errors.As(err, &refused); c.want == "" && err != nil || c.want != "" && (refused == nil || refused.Code != c.want) {
			t.Errorf("%.60s: got %v, want %q", c.frame, err, c.want)
		}
	}
}

// Every action of the protocol is checked as the server does.
func TestCheckFrameKnowsEveryAction(t *testing.T) {
	t.Parallel()
	for _, action := range Actions {
		if err := CheckFrame([]byte(`{"action":"` + action + `","roomId":5,"rooms":5,"ids":5,"token":5,"since":[],"userId":5}`)); err == nil {
			t.Errorf("%s: fields of the wrong type are taken", action)
		}
	}
}
