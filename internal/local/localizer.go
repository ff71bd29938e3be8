package local

import (
	"regexp"
	"strings"

	"github.com/roomcast/roomcast/internal/local/plan"
)

// localizer replaces the AWS URLs in a resolved template by those of the running
// cloud.
type localizer struct {
	apis   map[string]string // API ID → host and port
	queues string            // a queue's URL up to the name
}

// apiURL matches API Gateway URLs of any Region: an app with an environment has its
// Region's name in strings.
var apiURL = regexp.MustCompile(`(https|wss)://([a-z0-9]{10})\.execute-api\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?`)

// localize replaces every URL of the cloud in the text.
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
