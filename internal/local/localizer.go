package local

import (
	"regexp"
	"strings"

	"github.com/roomcast/roomcast/internal/local/plan"
)

// localizer turns the AWS URLs in a resolved template into those under which
// the local cloud serves the same things.
type localizer struct {
	apis   map[string]string // API id → host and port
	queues string            // front of a queue's URL, up to the name
}

// apiURL finds URLs of API Gateway in any region: an app with an environment
// of its own has the region's name in its strings.
var apiURL = regexp.MustCompile(`(https|wss)://([a-z0-9]{10})\.execute-api\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?`)

// localize rewrites every URL in the text that belongs to the cloud.
func (l *localizer) localize(text string) string {
	text = strings.ReplaceAll(text, plan.QueueURLPrefix, l.queues)
	return apiURL.ReplaceAllStringFunc(text, func(url string) string {
		parts := apiURL.FindStringSubmatch(url)
		host, ours := l.apis[parts[2]]
		switch {
		case !ours:
			return url
		case parts[1] == "wss":
			return "ws://" + host
		}
		return "http://" + host
	})
}
