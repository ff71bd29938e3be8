package frontdoor

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/roomcast/roomcast/internal/local/iam"
	"github.com/roomcast/roomcast/internal/local/vault"
)

// isInVault says whether the vault stands in for a service.
func (f *FrontDoor) isInVault(service string) bool {
	return f.config.Vault != nil && vault.Stands(service)
}

// describeSecret reads which secret a call concerns. Whatever it is called by,
// the permission is that on its ARN; for a secret that does not exist it is
// that on the ARN that its name would have, without the six characters.
func (f *FrontDoor) describeSecret(c *call) *refusal {
	var s struct{ SecretId, VersionId, VersionStage string }
	if e := c.read(&s); e != nil {
		return e
	}
	action := vault.SecretsManager + ":" + c.operation
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
	name, arn, ok := f.config.Vault.FindSecret(s.SecretId)
	switch {
	case ok:
	case strings.HasPrefix(s.SecretId, "arn:"):
		name, arn = s.SecretId[strings.LastIndexByte(s.SecretId, ':')+1:], s.SecretId
	default:
		name, arn = s.SecretId, f.arn(vault.SecretsManager, "secret:"+s.SecretId)
	}
	c.resources = []string{name}
	c.needs = []need{{action: action, resource: arn, shown: s.SecretId, context: context}}
	return nil
}

// describeParameter reads which parameters, or which path of them, a call
// concerns: it takes the permission on each.
func (f *FrontDoor) describeParameter(c *call) *refusal {
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
	action := vault.SSM + ":" + c.operation
	for _, name := range names {
		if name == "" {
			continue
		}
		name, _ = vault.SplitSelector(name)
		c.resources = append(c.resources, name)
		c.needs = append(c.needs, need{action: action, resource: f.config.Vault.ParameterARN(name), context: context})
	}
	if len(c.needs) == 0 {
		c.needs = []need{{action: action, resource: f.arn(vault.SSM, "*"), context: context}}
	}
	return nil
}

// askVault makes a call to the vault, which is in this process.
func (f *FrontDoor) askVault(c call) *http.Response {
	status, body := f.config.Vault.Call(c.service, c.operation, c.body)
	return &http.Response{
		StatusCode: status,
		Header: http.Header{
			"Content-Type":   {"application/x-amz-json-1.1"},
			"Content-Length": {strconv.Itoa(len(body))},
		},
		Body: io.NopCloser(bytes.NewReader(body)),
	}
}
