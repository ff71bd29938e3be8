package local

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/roomcast/roomcast/internal/local/functions"
)

// function is a Lambda function.
type function struct {
	*resource
	name        string
	runtime     string
	handler     string
	asset       string // the folder or the zip file of the code, unless it is inline
	inline      string
	environment map[string]string
	timeout     time.Duration
	roleARN     string
	role        *role // nil when the app does not define it
	memory      int   // MB
	reserved    *int  // reserved concurrency; nil: none
	logging     functions.Logging
	// unfit is why the function cannot run here, nil if it can. It matters only
	// when something calls the function.
	unfit error
}

type functionProperties struct {
	FunctionName string
	PackageType  string
	Runtime      string
	Handler      string
	Role         string
	Code         struct {
		S3Key    string
		ZipFile  string
		ImageUri string
	}
	Environment struct {
		Variables map[string]scalar
	}
	Architectures                []string
	MemorySize                   integer
	Timeout                      integer
	ReservedConcurrentExecutions *integer
	Layers                       []any
	LoggingConfig                struct {
		LogFormat           string
		LogGroup            string
		ApplicationLogLevel string
		SystemLogLevel      string
	}
}

func (p *plan) addFunction(r *resource, values map[string]any) ([]string, error) {
	// Lambda's own defaults.
	properties := functionProperties{MemorySize: 128, Timeout: 3}
	ignored, err := decode(values, &properties)
	if err != nil {
		return nil, err
	}
	f := &function{
		resource:    r,
		name:        r.name(properties.FunctionName, 64),
		runtime:     properties.Runtime,
		handler:     properties.Handler,
		inline:      properties.Code.ZipFile,
		roleARN:     properties.Role,
		environment: map[string]string{},
		memory:      int(properties.MemorySize),
		timeout:     time.Duration(properties.Timeout) * time.Second,
		logging: functions.Logging{
			JSON:        properties.LoggingConfig.LogFormat == "JSON",
			Level:       properties.LoggingConfig.ApplicationLogLevel,
			SystemLevel: properties.LoggingConfig.SystemLogLevel,
			Group:       properties.LoggingConfig.LogGroup,
		},
		unfit: properties.check(),
	}
	if f.unfit == nil && f.inline == "" {
		if f.asset, err = r.stack.Asset(properties.Code.S3Key); err != nil {
			return nil, err
		}
	}
	if properties.FunctionName != "" {
		r.label = properties.FunctionName
	}
	if n := properties.ReservedConcurrentExecutions; n != nil {
		f.reserved = (*int)(n)
	}
	for name, value := range properties.Environment.Variables {
		f.environment[name] = string(value)
	}
	r.refer(f.name, arn("lambda", "function:"+f.name))
	p.functions = append(p.functions, f)
	return ignored, nil
}

// check tells why a function cannot run here, and how it could.
func (f *functionProperties) check() error {
	isNode := functions.IsNode(f.Runtime)
	switch {
	case f.PackageType == "Image" || f.Code.ImageUri != "":
		return errors.New("its code is a container image, which does not run locally: give it a zip asset with a bootstrap or JavaScript")
	case !isNode && !strings.HasPrefix(f.Runtime, "provided."):
		return fmt.Errorf("its runtime %s does not run locally: only nodejs and the provided runtimes do (provided.al2023, with an executable named bootstrap)", f.Runtime)
	case len(f.Architectures) > 1 || len(f.Architectures) == 1 && f.Architectures[0] != "x86_64" && f.Architectures[0] != "arm64":
		return fmt.Errorf("invalid Architectures %q: expected x86_64 or arm64", f.Architectures)
	case len(f.Layers) > 0:
		return errors.New("it has layers, which do not run locally: pack what they hold into the function's own code")
	case f.Code.S3Key == "" && (!isNode || f.Code.ZipFile == ""):
		return errors.New("its code is not an asset of the app: give it a folder (Code.fromAsset)")
	}
	return nil
}

// settle refuses the functions that cannot run here and are called by
// something that does. Others cannot be missed: CDK deploys such functions for
// its own custom resources, which nothing local calls.
func (p *plan) settle() error {
	called := p.awaited()
	for _, s := range p.sources {
		called[s.function] = true
	}
	for _, e := range p.rules {
		for _, t := range e.targets {
			called[t.function] = true
		}
	}
	var fit []*function
	var refused []error
	for _, f := range p.functions {
		switch {
		case f.unfit == nil:
			fit = append(fit, f)
		case called[f]:
			refused = append(refused, fmt.Errorf("%s: %w", f, f.unfit))
		default:
			p.accepted = append(p.accepted, f.resource)
		}
	}
	p.functions = fit
	return errors.Join(refused...)
}

// awaited are the functions whose answers clients wait for: not those that only
// queues and schedules call.
func (p *plan) awaited() map[*function]bool {
	awaited := map[*function]bool{}
	for _, i := range p.integrations {
		awaited[i.function] = true
	}
	for _, a := range p.authorizers {
		awaited[a.function] = true
	}
	return awaited
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
