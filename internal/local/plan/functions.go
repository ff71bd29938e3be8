package plan

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/roomcast/roomcast/internal/local/access"
)

// Function is a Lambda function.
type Function struct {
	*Resource
	Name        string
	Runtime     string
	Handler     string
	Asset       string // the folder or zip file of the code; "" for inline code
	Inline      string
	Environment map[string]string
	Timeout     time.Duration
	roleARN     string
	role        *role // nil if the app does not define it
	Memory      int   // MB
	Reserved    *int  // reserved concurrency; nil for none
	Logging     Logging
	// unfit is why the function cannot run here, or nil. It matters only if
	// something calls the function.
	unfit error
}

// Logging is a function's logging configuration.
type Logging struct {
	// JSON is whether log lines are JSON; otherwise they are text.
	JSON bool
	// Level and SystemLevel are the least important levels that are kept.
	Level, SystemLevel string
	// Group is the log group's name; "" is Lambda's default for the function.
	Group string
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
		Variables map[string]Scalar
	}
	Architectures                []string
	MemorySize                   Integer
	Timeout                      Integer
	ReservedConcurrentExecutions *Integer
	Layers                       []any
	LoggingConfig                struct {
		LogFormat           string
		LogGroup            string
		ApplicationLogLevel string
		SystemLogLevel      string
	}
}

func (p *Plan) addFunction(r *Resource, values map[string]any) ([]string, error) {
	// Lambda's defaults.
	properties := functionProperties{MemorySize: 128, Timeout: 3}
	ignored, err := decode(values, &properties)
	if err != nil {
		return nil, err
	}
	f := &Function{
		Resource:    r,
		Name:        r.name(properties.FunctionName, 64),
		Runtime:     properties.Runtime,
		Handler:     properties.Handler,
		Inline:      properties.Code.ZipFile,
		roleARN:     properties.Role,
		Environment: map[string]string{},
		Memory:      int(properties.MemorySize),
		Timeout:     time.Duration(properties.Timeout) * time.Second,
		Logging: Logging{
			JSON:        properties.LoggingConfig.LogFormat == "JSON",
			Level:       properties.LoggingConfig.ApplicationLogLevel,
			SystemLevel: properties.LoggingConfig.SystemLogLevel,
			Group:       properties.LoggingConfig.LogGroup,
		},
		unfit: properties.check(),
	}
	if f.unfit == nil && f.Inline == "" {
		if f.Asset, err = r.stack.Asset(properties.Code.S3Key); err != nil {
			return nil, err
		}
	}
	if properties.FunctionName != "" {
		r.Label = properties.FunctionName
	}
	if n := properties.ReservedConcurrentExecutions; n != nil {
		f.Reserved = (*int)(n)
	}
	for name, value := range properties.Environment.Variables {
		f.Environment[name] = string(value)
	}
	r.refer(f.Name, ARN("lambda", "function:"+f.Name))
	p.Functions = append(p.Functions, f)
	return ignored, nil
}

// check returns why a function cannot run here, with a remedy.
func (f *functionProperties) check() error {
	isNode := isNode(f.Runtime)
	switch {
	case f.PackageType == "Image" || f.Code.ImageUri != "":
		return errors.New("container images do not run locally: use a zip asset with a bootstrap or JavaScript")
	case !isNode && !strings.HasPrefix(f.Runtime, "provided."):
		return fmt.Errorf("invalid Runtime %q: expected a nodejs runtime, or a provided runtime such as provided.al2023 with an executable named bootstrap", f.Runtime)
	case len(f.Architectures) > 1 || len(f.Architectures) == 1 && f.Architectures[0] != "x86_64" && f.Architectures[0] != "arm64":
		return fmt.Errorf("invalid Architectures %q: expected x86_64 or arm64", f.Architectures)
	case len(f.Layers) > 0:
		return errors.New("layers do not run locally: include their files in the function's own code")
	case f.Code.S3Key == "" && (!isNode || f.Code.ZipFile == ""):
		return errors.New("the code is not an asset of the app: use a folder (Code.fromAsset)")
	}
	return nil
}

// checkFunctions refuses functions that cannot run here, if something in the plan
// calls them. Others are not needed: CDK deploys such functions for its own custom
// resources, which nothing local calls.
func (p *Plan) checkFunctions() error {
	called := p.Awaited()
	for _, s := range p.Sources {
		called[s.Function] = true
	}
	for _, e := range p.Rules {
		for _, t := range e.Targets {
			called[t.Function] = true
		}
	}
	var fit []*Function
	var refused []error
	for _, f := range p.Functions {
		switch {
		case f.unfit == nil:
			fit = append(fit, f)
		case called[f]:
			refused = append(refused, fmt.Errorf("%s: %w", f, f.unfit))
		default:
			p.accepted = append(p.accepted, f.Resource)
		}
	}
	p.Functions = fit
	return errors.Join(refused...)
}

// Awaited returns the functions whose results clients wait for. Functions that only
// queues and schedules call are not among them.
func (p *Plan) Awaited() map[*Function]bool {
	awaited := map[*Function]bool{}
	for _, i := range p.integrations {
		awaited[i.Function] = true
	}
	for _, a := range p.authorizers {
		awaited[a.Function] = true
	}
	return awaited
}

// functionByName finds a function of any stack by its name or ARN.
func (p *Plan) functionByName(name string) *Function {
	for _, f := range p.Functions {
		if f.Name == name || f.attributes["Arn"] == name {
			return f
		}
	}
	return nil
}

// RunsNode reports whether the function runs JavaScript.
func (f *Function) RunsNode() bool { return isNode(f.Runtime) }

func isNode(runtime string) bool { return strings.HasPrefix(runtime, "nodejs") }

// UsesNode reports whether a function of the plan runs JavaScript.
func (p *Plan) UsesNode() bool { return slices.ContainsFunc(p.Functions, (*Function).RunsNode) }

// Principal returns the function as an IAM principal.
func (f *Function) Principal() access.Principal {
	p := access.Principal{Function: f.Label, Session: f.Name}
	if f.role != nil {
		p.Role = f.role.Role
	}
	return p
}
