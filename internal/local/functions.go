package local

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// function is a Lambda function.
type function struct {
	*resource
	name        string
	handler     string
	folder      string // of the code, holding bootstrap
	environment map[string]string
	timeout     time.Duration
	memory      int // MB
	reserved    int // reserved concurrency; 0: none
}

type functionProperties struct {
	FunctionName string
	PackageType  string
	Runtime      string
	Handler      string
	Code         struct {
		S3Key    string
		ZipFile  string
		ImageUri string
	}
	Environment struct {
		Variables map[string]scalar
	}
	MemorySize                   integer
	Timeout                      integer
	ReservedConcurrentExecutions *integer
}

func (p *plan) addFunction(r *resource, values map[string]any) ([]string, error) {
	// Lambda's own defaults.
	properties := functionProperties{MemorySize: 128, Timeout: 3}
	ignored, err := decode(values, &properties)
	if err != nil {
		return nil, err
	}
	if err := properties.check(); err != nil {
		return nil, err
	}
	f := &function{
		resource:    r,
		name:        r.name(properties.FunctionName, 64),
		handler:     properties.Handler,
		environment: map[string]string{},
		memory:      int(properties.MemorySize),
		timeout:     time.Duration(properties.Timeout) * time.Second,
	}
	if f.folder, err = r.stack.Asset(properties.Code.S3Key); err != nil {
		return nil, err
	}
	if properties.FunctionName != "" {
		r.label = properties.FunctionName
	}
	if n := properties.ReservedConcurrentExecutions; n != nil {
		f.reserved = int(*n)
	}
	for name, value := range properties.Environment.Variables {
		f.environment[name] = string(value)
	}
	r.refer(f.name, arn("lambda", "function:"+f.name))
	p.functions = append(p.functions, f)
	return ignored, nil
}

// check refuses what cannot run, and says how it could.
func (f *functionProperties) check() error {
	switch {
	case f.PackageType == "Image" || f.Code.ImageUri != "":
		return errors.New("its code is a container image, which does not run locally: give it a zip asset with a bootstrap")
	case !strings.HasPrefix(f.Runtime, "provided."):
		return fmt.Errorf("its runtime %s does not run locally yet: only the provided runtimes do (provided.al2023), with an executable named bootstrap", f.Runtime)
	case f.Code.S3Key == "":
		return errors.New("its code is not an asset of the app: give it a folder with a bootstrap (Code.fromAsset)")
	case f.ReservedConcurrentExecutions != nil && *f.ReservedConcurrentExecutions < 1:
		return errors.New("it reserves a concurrency of 0, so that it can never run: remove ReservedConcurrentExecutions in a local run")
	}
	return nil
}

// functionByName finds a function of any stack by its name or ARN.
func (p *plan) functionByName(name string) *function {
	for _, f := range p.functions {
		if f.name == name || f.attributes["Arn"] == name {
			return f
		}
	}
	return nil
}

// environ is the function's environment with the URLs of the running cloud.
func (f *function) environ(l *localizer) map[string]string {
	environment := make(map[string]string, len(f.environment))
	for name, value := range f.environment {
		environment[name] = l.localize(value)
	}
	return environment
}
