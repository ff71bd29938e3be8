package bench

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
)

// gatewayReady is the first line that the gateway's process writes: where it
// listens, and credentials that may post.
type gatewayReady struct {
	Address string `json:"address"` // host and port
	Path    string `json:"path"`    // of the stage, with the leading slash
	Region  string `json:"region"`

	AccessKeyID     string `json:"accessKeyId"`
	SecretAccessKey string `json:"secretAccessKey"`
	SessionToken    string `json:"sessionToken"`
}

// gatewayMemory is the answer to a line on its standard input.
type gatewayMemory struct {
	ResidentBytes int64 `json:"residentBytes"`
}

// gatewayProcess is the gateway's process as its client sees it.
type gatewayProcess struct {
	gatewayReady
	cmd    *exec.Cmd
	ask    io.WriteCloser
	answer *bufio.Reader
}

// startGateway starts the process and waits until it is ready.
func startGateway(cmd *exec.Cmd) (*gatewayProcess, error) {
	p := &gatewayProcess{cmd: cmd}
	var err error
	if p.ask, err = cmd.StdinPipe(); err != nil {
		return nil, fmt.Errorf("bench gateway: %w", err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("bench gateway: %w", err)
	}
	p.answer = bufio.NewReader(out)
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("bench gateway: start the gateway's process: %w", err)
	}
	if err := p.read(&p.gatewayReady); err != nil {
		return nil, errors.Join(err, p.stop())
	}
	return p, nil
}

// read reads a line that the process writes.
func (p *gatewayProcess) read(into any) error {
	line, err := p.answer.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, into)
	}
	if err != nil {
		return fmt.Errorf("bench gateway: the gateway's process says %q: %w", line, err)
	}
	return nil
}

// resident asks the process for its resident memory.
func (p *gatewayProcess) resident() (int64, error) {
	if _, err := io.WriteString(p.ask, "memory\n"); err != nil {
		return 0, fmt.Errorf("bench gateway: ask the gateway's process: %w", err)
	}
	var memory gatewayMemory
	err := p.read(&memory)
	return memory.ResidentBytes, err
}

// stop ends the process, which its standard input tells it.
func (p *gatewayProcess) stop() error {
	err := p.ask.Close()
	if err := p.cmd.Wait(); err != nil {
		return fmt.Errorf("bench gateway: the gateway's process: %w", err)
	}
	return err
}
