package npm

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"

	"github.com/roomcast/roomcast/internal/childproc"
	"github.com/roomcast/roomcast/internal/tail"
)

// unreachable matches the output of npm when its registry does not answer.
var unreachable = regexp.MustCompile(`ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|FETCH_ERROR`)

// run installs in dir exactly what the lockfile lists, and runs the script. It
// does not run install scripts of packages: none of them needs one.
func (p Project) run(ctx context.Context, dir string) error {
	out, err := npm(ctx, dir, "ci",
		"--ignore-scripts", "--omit=dev", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error")
	switch {
	case err != nil && unreachable.MatchString(out):
		return fmt.Errorf("the npm registry cannot be reached: check the network, or the registry that `npm config get registry` names, then run this again; npm said:\n%s", out)
	case err != nil:
		return fmt.Errorf("npm ci: %w; it said:\n%s", err, out)
	case p.Script == "":
		return nil
	}
	if out, err := npm(ctx, dir, "run", p.Script); err != nil {
		return fmt.Errorf("npm run %s: %w; it said:\n%s", p.Script, err, out)
	}
	return nil
}

// giveUpSoon makes npm give up on a registry within seconds, not minutes. The
// user's own environment comes after it and takes precedence.
var giveUpSoon = []string{
	"npm_config_fetch_retries=2",
	"npm_config_fetch_retry_mintimeout=1000",
	"npm_config_fetch_retry_maxtimeout=5000",
}

// npm runs npm in dir and returns the end of what it printed.
func npm(ctx context.Context, dir string, args ...string) (string, error) {
	path, err := findNPM()
	if err != nil {
		return "", err
	}
	last := tail.New(2 << 10)
	cmd := exec.Command(path, args...)
	cmd.Dir, cmd.Env = dir, append(slices.Clip(giveUpSoon), os.Environ()...)
	cmd.Stdout, cmd.Stderr = last, last
	err = childproc.Run(ctx, cmd)
	return last.String(), err
}
