package plan

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// dynamicReference matches a value that CloudFormation reads from another service
// when it creates a resource.
var dynamicReference = regexp.MustCompile(`\{\{resolve:([^:{}]+):([^{}]+)\}\}`)

// dereference replaces the dynamic references in resolved properties. Its errors
// contain no value of a secret.
func (p *Plan) dereference(value any) (any, error) {
	return eachText(value, p.dereferenceText)
}

func (p *Plan) dereferenceText(text string) (string, error) {
	var failed error
	text = dynamicReference.ReplaceAllStringFunc(text, func(reference string) string {
		parts := dynamicReference.FindStringSubmatch(reference)
		value, err := p.resolveReference(parts[1], parts[2])
		if err != nil && failed == nil {
			failed = fmt.Errorf("dynamic reference %s: %w", reference, err)
		}
		return value
	})
	return text, failed
}

func (p *Plan) resolveReference(service, rest string) (string, error) {
	switch service {
	case "ssm":
		if value, ok := p.ssmValue(rest); ok {
			return value, nil
		}
		return "", fmt.Errorf("unknown parameter %s: define it in a stack of the app, and make this resource depend on it", rest)
	case "secretsmanager":
		return p.secretReference(rest)
	}
	return "", fmt.Errorf("the service %s does not run locally: pass the value in another way in a local run", service)
}

// secretReference returns a value in a secret for
// "secret-id:SecretString:json-key:version-stage:version-id". All but the first are
// optional.
func (p *Plan) secretReference(rest string) (string, error) {
	parts := 1
	if strings.HasPrefix(rest, "arn:") {
		parts = 7
	}
	all := strings.Split(rest, ":")
	parts = min(parts, len(all))
	id := strings.Join(all[:parts], ":")
	var fields [4]string // SecretString, key, stage, version
	copy(fields[:], all[parts:])
	if fields[0] != "" && fields[0] != "SecretString" {
		return "", fmt.Errorf("invalid field %q: expected SecretString", fields[0])
	}
	var text string
	if !p.inAnyStack(func() (ok bool) {
		text, ok = p.SecretStore.SecretString(id, fields[3], fields[2])
		return ok
	}) {
		return "", fmt.Errorf("unknown secret %s, or unknown version of it: define it in a stack of the app, and make this resource depend on it", id)
	}
	if fields[1] != "" {
		var err error
		if text, err = member(text, fields[1]); err != nil {
			return "", err
		}
	}
	p.secretValues = append(p.secretValues, text)
	return text, nil
}

// redact removes the values of secrets from an error about the resource that is
// being planned.
func (p *Plan) redact(err error) error {
	text := err.Error()
	for _, value := range p.secretValues {
		if value != "" {
			text = strings.ReplaceAll(text, value, "***")
		}
	}
	if text == err.Error() {
		return err
	}
	return errors.New(text)
}

// member returns the value under a key of a JSON object.
func member(text, key string) (string, error) {
	var fields map[string]json.RawMessage
	if json.Unmarshal([]byte(text), &fields) != nil {
		return "", fmt.Errorf("the secret is not a JSON object, so it has no key %s", key)
	}
	raw, ok := fields[key]
	if !ok {
		return "", fmt.Errorf("the secret has no key %s", key)
	}
	var value string
	if json.Unmarshal(raw, &value) != nil {
		return string(raw), nil // such as a number
	}
	return value, nil
}
