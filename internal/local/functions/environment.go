package functions

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"maps"
	"os"
	"slices"
	"strconv"
)

// Credentials are the credentials of a function's AWS calls, like those that Lambda
// obtains from its role.
type Credentials struct {
	AccessKeyID     string
	SecretAccessKey string
	SessionToken    string
}

func newCredentials() Credentials {
	var secret [30]byte
	rand.Read(secret[:])
	var token [48]byte
	rand.Read(token[:])
	return Credentials{
		AccessKeyID:     "ASIA" + rand.Text()[:16],
		SecretAccessKey: base64.StdEncoding.EncodeToString(secret[:]),
		SessionToken:    hex.EncodeToString(token[:]),
	}
}

// environment returns the environment that all sandboxes of a function share.
func environment(c Config, cred Credentials) []string {
	env := maps.Clone(c.Env)
	if env == nil {
		env = map[string]string{}
	}
	setDefault(env, "LANG", "en_US.UTF-8")
	setDefault(env, "PATH", "/usr/local/bin:/usr/bin/:/bin:/opt/bin")
	setDefault(env, "GOMAXPROCS", strconv.Itoa(cpus(c.MemoryMB)))
	if c.Endpoint != "" {
		setDefault(env, "AWS_ENDPOINT_URL", c.Endpoint)
	}
	// Lambda has no such files. They keep AWS SDKs, which find the home directory
	// even without HOME, away from the developer's own files.
	setDefault(env, "AWS_CONFIG_FILE", os.DevNull)
	setDefault(env, "AWS_SHARED_CREDENTIALS_FILE", os.DevNull)
	maps.Copy(env, reserved(c, cred))
	maps.Copy(env, c.Logging.environment(c))

	var list []string
	for _, name := range slices.Sorted(maps.Keys(env)) {
		list = append(list, name+"="+env[name])
	}
	return list
}

// cpuMB is the memory with which a function has one CPU:
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
const cpuMB = 1769

// cpus returns how many CPUs a function uses. Lambda gives it a share by its
// memory. Here it sees all CPUs of the machine, with hundreds of sandboxes on them,
// and Go's scheduler would spend much time searching work for the others.
func cpus(memoryMB int) int { return (memoryMB + cpuMB - 1) / cpuMB }

// environment sets the runtime's variables for logging. Custom runtimes have no
// such variables.
func (l Logging) environment(c Config) map[string]string {
	env := map[string]string{"AWS_LAMBDA_LOG_GROUP_NAME": l.Group}
	if l.Group == "" {
		env["AWS_LAMBDA_LOG_GROUP_NAME"] = "/aws/lambda/" + c.Name
	}
	if l.JSON {
		env["AWS_LAMBDA_LOG_FORMAT"] = "JSON"
		if l.Level != "" {
			env["AWS_LAMBDA_LOG_LEVEL"] = l.Level
		}
	}
	if IsNode(c.Runtime) {
		env["AWS_EXECUTION_ENV"] = "AWS_Lambda_" + c.Runtime
	}
	return env
}

// reserved are the variables that a function cannot set.
func reserved(c Config, cred Credentials) map[string]string {
	return map[string]string{
		"_HANDLER":                        c.Handler,
		"AWS_REGION":                      c.Region,
		"AWS_DEFAULT_REGION":              c.Region,
		"AWS_LAMBDA_FUNCTION_NAME":        c.Name,
		"AWS_LAMBDA_FUNCTION_VERSION":     "$LATEST",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": strconv.Itoa(c.MemoryMB),
		"AWS_LAMBDA_INITIALIZATION_TYPE":  "on-demand",
		"AWS_ACCESS_KEY_ID":               cred.AccessKeyID,
		"AWS_SECRET_ACCESS_KEY":           cred.SecretAccessKey,
		"AWS_SESSION_TOKEN":               cred.SessionToken,
		"LAMBDA_TASK_ROOT":                c.Dir,
		"LAMBDA_RUNTIME_DIR":              "/var/runtime",
		"TZ":                              ":UTC",
	}
}

func setDefault(env map[string]string, name, value string) {
	if _, ok := env[name]; !ok {
		env[name] = value
	}
}
