package fanout

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"time"
)

// timeout is how long one exchange over a socket may take.
const timeout = 10 * time.Second

// child is a process of the bench's own. It answers each line of JSON on its
// standard input with one on its standard output, and ends with its input.
type child struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

// startChild starts a process. The first line that it writes is read into
// ready.
func startChild(cmd *exec.Cmd, ready any) (*child, error) {
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("bench fanout: %w", err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("bench fanout: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("bench fanout: start a process: %w", err)
	}
	c := &child{cmd: cmd, in: in, out: bufio.NewReader(out)}
	if err := c.read(ready); err != nil {
		return nil, errors.Join(err, c.stop())
	}
	return c, nil
}

// ask writes a question and reads the answer.
func (c *child) ask(question, answer any) error {
	if err := json.NewEncoder(c.in).Encode(question); err != nil {
		return fmt.Errorf("bench fanout: ask a process: %w", err)
	}
	return c.read(answer)
}

func (c *child) read(into any) error {
	line, err := c.out.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, into)
	}
	if err != nil {
		return fmt.Errorf("bench fanout: a process answers %q: %w", line, err)
	}
	return nil
}

// stop ends the process, which the end of its input tells it.
func (c *child) stop() error {
	if c == nil {
		return nil
	}
	err := c.in.Close()
	if err := c.cmd.Wait(); err != nil {
		return fmt.Errorf("bench fanout: a process: %w", err)
	}
	return err
}

// reply is a child's side: it answers every question until the input ends.
func reply[Q, A any](in io.Reader, out io.Writer, ready any, answer func(Q) (A, error)) error {
	lines := json.NewEncoder(out)
	if err := lines.Encode(ready); err != nil {
		return fmt.Errorf("bench fanout: %w", err)
	}
	questions := json.NewDecoder(in)
	for {
		var q Q
		if err := questions.Decode(&q); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("bench fanout: %w", err)
		}
		a, err := answer(q)
		if err != nil {
			return err
		}
		if err := lines.Encode(a); err != nil {
			return fmt.Errorf("bench fanout: %w", err)
		}
	}
}
