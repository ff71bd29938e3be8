package local

import (
	"context"
	"fmt"
	"strings"

	"github.com/roomcast/roomcast/internal/local/awsendpoint"
	"github.com/roomcast/roomcast/internal/local/engines"
	"github.com/roomcast/roomcast/internal/local/plan"
)

// start starts the plan from the inside out. If it fails, c has everything that was
// started, so that Close can stop it.
func (c *Cloud) start(ctx context.Context) error {
	// The ports come first: a port in use is reported at once, and functions need
	// URLs with ports.
	if err := c.listen(); err != nil {
		return err
	}
	if err := c.secure(); err != nil {
		return err
	}
	if err := c.startEngines(ctx); err != nil {
		return err
	}
	c.openKeys()
	if err := c.openEndpoint(); err != nil {
		return err
	}
	c.urls = c.localizer()
	c.plan.SecretStore.Rewrite(c.urls.localize)
	if err := c.createData(ctx); err != nil {
		return err
	}
	if err := c.startFunctions(ctx); err != nil {
		return err
	}
	if err := c.startSources(); err != nil {
		return err
	}
	if err := c.serve(); err != nil {
		return err
	}
	c.startSchedules()
	return nil
}

// listen opens a port for each API.
func (c *Cloud) listen() error {
	for i, a := range c.plan.APIs {
		port := 0
		if i == 0 {
			port = c.options.Port
		}
		s, err := newAPIServer(a, port)
		if err != nil {
			return err
		}
		if i == 0 {
			s.site = c.options.Site
			s.own = c.own()
		}
		c.servers = append(c.servers, s)
	}
	return nil
}

// watch reports the unexpected end of an engine.
func (c *Cloud) watch(e *engines.Engine) {
	select {
	case <-c.closing:
	case err := <-e.Failed():
		select {
		case c.failed <- err:
		default: // another engine's end was reported already
		}
	}
}

func (c *Cloud) openEndpoint() error {
	services := map[string]string{}
	for _, e := range c.engines {
		services[string(e.Kind())] = e.Endpoint()
	}
	endpoint, err := awsendpoint.Start(awsendpoint.Config{
		Services:     services,
		Secrets:      c.plan.SecretStore,
		Keys:         c.keys,
		AccountID:    plan.Account,
		Region:       plan.Region,
		PartitionKey: c.plan.PartitionKey,
		SortKey:      c.plan.SortKey,
		Faults:       c.options.Faults,
		Meter:        c.meter,
		Logger:       newLogger("aws", c.options.Logs),
	})
	c.endpoint = endpoint
	return err
}

// localizer returns a localizer with the ports that are open so far.
func (c *Cloud) localizer() *localizer {
	l := &localizer{apis: map[string]string{}, queues: c.endpoint.URL() + "/" + plan.Account + "/"}
	for _, s := range c.servers {
		l.apis[s.api.ID] = s.host()
	}
	return l
}

// outputText formats the value of an output as CloudFormation does.
func outputText(value any) string {
	if list, ok := value.([]any); ok {
		parts := make([]string, len(list))
		for i, item := range list {
			parts[i] = fmt.Sprint(item)
		}
		return strings.Join(parts, ",")
	}
	return fmt.Sprint(value)
}
