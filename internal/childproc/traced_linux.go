package childproc

import (
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"syscall"
)

// StartTraced is [Start] for a child that prepare changes before its first
// instruction. prepare is called on the thread that traces the child. If it fails,
// the child never runs and StartTraced returns its error.
func StartTraced(cmd *exec.Cmd, prepare func(pid int) error) (*Process, error) {
	runtime.LockOSThread() // only the tracing thread may change the child
	defer runtime.UnlockOSThread()
	isolate(cmd)
	cmd.SysProcAttr.Ptrace = true
	cmd.WaitDelay = pipeGrace
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	err := prepareStopped(cmd.Process.Pid, prepare)
	if err != nil {
		killGroup(cmd)
		return nil, errors.Join(err, ignoreExit(cmd.Wait()))
	}
	p := &Process{cmd: cmd, done: make(chan struct{})}
	go p.wait()
	return p, nil
}

func prepareStopped(pid int, prepare func(pid int) error) error {
	var status syscall.WaitStatus
	for {
		_, err := syscall.Wait4(pid, &status, syscall.WALL, nil)
		if err == syscall.EINTR {
			continue
		}
		if err != nil {
			return fmt.Errorf("wait for process %d to stop: %w", pid, err)
		}
		break
	}
	if !status.Stopped() {
		return fmt.Errorf("process %d did not stop for its tracer", pid)
	}
	if err := prepare(pid); err != nil {
		return err
	}
	if err := syscall.PtraceDetach(pid); err != nil {
		return fmt.Errorf("detach from process %d: %w", pid, err)
	}
	return nil
}

// ignoreExit returns nil for the error of a child that failed or was killed.
func ignoreExit(err error) error {
	if _, ok := errors.AsType[*exec.ExitError](err); ok {
		return nil
	}
	return err
}
