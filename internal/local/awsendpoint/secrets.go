package awsendpoint

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/roomcast/roomcast/internal/local/iam"
	"github.com/roomcast/roomcast/internal/local/secrets"
)

// hasSecrets reports whether the secret store emulates a service.
func (ep *Endpoint) hasSecrets(service string) bool {
	return ep.config.Secrets != nil && secrets.Stands(service)
}

// describeSecret reads the secret of a call. However the call names it, the
// permission is on its ARN. For an unknown secret it is on the ARN that its name
// would have, without the six characters.
func (ep *Endpoint) describeSecret(c *call) *refusal {
	var s struct{ SecretId, VersionId, VersionStage string }
	if e := c.read(&s); e != nil {
		return e
	}
	action := secrets.SecretsManager + ":" + c.operation
	if s.SecretId == "" {
		c.needs = []need{{action: action, resource: "*"}}
		return nil
	}
	context := iam.Context{}
	for key, value := range map[string]string{
		"secretsmanager:secretid": s.SecretId, "secretsmanager:versionid": s.VersionId, "secretsmanager:versionstage": s.VersionStage,
	} {
		if value != "" {
			context[key] = []string{value}
		}
	}
	name, arn, ok := ep.config.Secrets.FindSecret(s.SecretId)
	switch {
	case ok:
	case strings.HasPrefix(s.SecretId, "arn:"):
		name, arn = s.SecretId[strings.LastIndexByte(s.SecretId, ':')+1:], s.SecretId
	default:
		name, arn = s.SecretId, ep.arn(secrets.SecretsManager, "secret:"+s.SecretId)
	}
	c.resources = []string{name}
	c.needs = []need{{action: action, resource: arn, shown: s.SecretId, context: context}}
	return nil
}

// describeParameter reads the parameters, or the path, of a call. It requires the
// permission on each.
func (ep *Endpoint) describeParameter(c *call) *refusal {
	var s struct {
		Name, Path           string
		Names                []string
		Recursive, Overwrite bool
	}
	if e := c.read(&s); e != nil {
		return e
	}
	context := iam.Context{}
	names := []string{s.Name}
	switch c.operation {
	case "GetParameters":
		names = s.Names
	case "GetParametersByPath":
		names = []string{s.Path}
		context["ssm:recursive"] = []string{strconv.FormatBool(s.Recursive)}
	case "PutParameter":
		context["ssm:overwrite"] = []string{strconv.FormatBool(s.Overwrite)}
	}
	action := secrets.SSM + ":" + c.operation
	for _, name := range names {
		if name == "" {
			continue
		}
		name, _ = secrets.SplitSelector(name)
		c.resources = append(c.resources, name)
		c.needs = append(c.needs, need{action: action, resource: ep.config.Secrets.ParameterARN(name), context: context})
	}
	if len(c.needs) == 0 {
		c.needs = []need{{action: action, resource: ep.arn(secrets.SSM, "*"), context: context}}
	}
	return nil
}

// askSecrets sends a call to the secret store.
func (ep *Endpoint) askSecrets(c call) *http.Response {
	status, body := ep.config.Secrets.Call(c.service, c.operation, c.body)
	return &http.Response{
		StatusCode: status,
		Header: http.Header{
			"Content-Type":   {"application/x-amz-json-1.1"},
			"Content-Length": {strconv.Itoa(len(body))},
		},
		Body: io.NopCloser(bytes.NewReader(body)),
	}
}
