package polling

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
)

// process is the endpoint's process as its clients see it.
type process struct {
	endpointReady
	cmd *exec.Cmd
	in  io.WriteCloser
}

func startEndpoint(cmd *exec.Cmd) (*process, error) {
	p := &process{cmd: cmd}
	var err error
	if p.in, err = cmd.StdinPipe(); err != nil {
		return nil, fmt.Errorf("bench polling: %w", err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("bench polling: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("bench polling: start the endpoint: %w", err)
	}
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &p.endpointReady)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("bench polling: the endpoint says %q: %w", line, err), p.stop())
	}
	return p, nil
}

// stop ends the process, which the end of its input tells it.
func (p *process) stop() error {
	err := p.in.Close()
	if err := p.cmd.Wait(); err != nil {
		return fmt.Errorf("bench polling: the endpoint: %w", err)
	}
	return err
}
